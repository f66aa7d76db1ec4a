// Signs one token on this machine, for trying things: never for real users.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

const { publicKey, privateKey } = await generateKeyPair('ES256')
const keys = [{ ...(await exportJWK(publicKey)), kid: 'local', alg: 'ES256', use: 'sig' }]
const server = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
})
await once(server.listen(Number(process.env['ISSUER_PORT'] ?? 9000), '127.0.0.1'), 'listening')
const issuer = `http://127.0.0.1:${server.address().port}/`
const token = await new SignJWT(JSON.parse(process.argv[2] ?? '{}'))
  .setProtectedHeader({ alg: 'ES256', kid: 'local' })
  .setIssuer(issuer)
  .setAudience('local')
  .setIssuedAt()
  .setExpirationTime('8h')
  .sign(privateKey)
console.log(`export OIDC_ISSUER=${issuer} OIDC_AUDIENCE=local OIDC_JWKS=${issuer}jwks.json`)
console.log(`export TOKEN=${token}`)
