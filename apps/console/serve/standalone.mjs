import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createStandaloneServer } from './standalone-server.mjs'

// npm start -w apps/console -- --platform http://127.0.0.1:3000 [--port 4173] [--issuer URL] [--client-id ID]
const { values } = parseArgs({
  options: {
    platform: { type: 'string', default: 'http://127.0.0.1:3000' },
    issuer: { type: 'string' },
    'client-id': { type: 'string', default: 'console' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '4173' },
    folder: { type: 'string', default: fileURLToPath(new URL('../dist/web', import.meta.url)) },
  },
})
if (!existsSync(values.folder)) {
  throw new Error('The console is not bundled yet: npm run build -w apps/console')
}
const platform = values.platform.replace(/\/+$/, '')
const server = await createStandaloneServer({
  folder: values.folder,
  platform,
  issuer: values.issuer ?? `${platform}/oidc`,
  clientId: values['client-id'],
})
server.listen(Number(values.port), values.host, () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : values.port
  const origin = `http://${values.host}:${String(port)}`
  process.stdout.write(`The console is at ${origin}/, over ${platform}.\n`)
  process.stdout.write(
    `The OpenID provider has to send people back to ${origin}/callback (OIDC_CALLBACKS).\n`,
  )
})
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close()
    server.closeAllConnections()
  })
}
