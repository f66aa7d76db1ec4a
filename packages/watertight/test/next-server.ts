import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

/** A route handler as `route.ts` exports it. */
export type NextHandler = (request: Request, route: object) => Promise<Response>

/** A real Next server with one route file, which passes requests on to handlers of this process. */
export interface NextServer {
  /** Listens on a port of its own and serves `/<name>` by the handler of that name. */
  listen(handlers: Readonly<Record<string, NextHandler>>): Promise<ListeningHandlers>
  close(): Promise<void>
}

export interface ListeningHandlers {
  readonly port: number
  close(): Promise<void>
}

const registry = 'watertightNextHandlers'

const routeFile = `
export const dynamic = 'force-dynamic'
async function pass(request, route) {
  const { name } = await route.params
  const port = request.headers.get('x-test-port')
  return globalThis.${registry}.get(port)[name](request, route)
}
export { pass as GET, pass as POST }
`

/** The part of a Next application that the tests use. */
interface NextApplication {
  prepare(): Promise<void>
  getRequestHandler(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
  close(): Promise<void>
}

// Not imported: Next's global types would make NODE_ENV a must in every environment of the project.
const createServer = createRequire(import.meta.url)('next') as (options: object) => NextApplication

const root = fileURLToPath(new URL('../../../', import.meta.url))

export async function startNextServer(): Promise<NextServer> {
  process.env['NEXT_TELEMETRY_DISABLED'] = '1'
  // Below the root of the workspace, so that the compiler finds `next` from it. Removed beforehand:
  // the compiler goes on writing its cache after the server was closed.
  const directory = `${root}node_modules/.cache/watertight-next-server`
  await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  await mkdir(`${directory}/app/[name]`, { recursive: true })
  await writeFile(`${directory}/app/[name]/route.js`, routeFile)
  const settings = { turbopack: { root }, logging: { incomingRequests: false } }
  const configuration = `export default ${JSON.stringify(settings)}`
  await writeFile(`${directory}/next.config.mjs`, configuration)
  await writeFile(`${directory}/package.json`, '{"type":"module"}')

  const app = createServer({
    dev: true,
    dir: directory,
    hostname: '127.0.0.1',
    customServer: true,
    quiet: true,
  })
  await app.prepare()
  const handle = app.getRequestHandler()
  const handlersByPort = new Map<string, Readonly<Record<string, NextHandler>>>()
  Object.assign(globalThis, { [registry]: handlersByPort })
  return {
    async listen(handlers) {
      const server = createHttpServer((request, response) => {
        request.headers['x-test-port'] = String(request.socket.localPort)
        void handle(request, response)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      handlersByPort.set(String(port), handlers)
      return {
        port,
        async close() {
          server.closeAllConnections()
          await new Promise((resolve) => server.close(resolve))
        },
      }
    },
    close: () => app.close(),
  }
}
