import { generateKeyPair, SignJWT } from 'jose'
import { demo } from '../../src/demo-data/index.js'
import type { IdentityServer } from './identity-server.js'

const claims = { tenant_id: demo.tenants.security, mode: 'member' }

async function forge(
  build: (jwt: SignJWT) => SignJWT,
  alg = 'ES256',
  key?: Uint8Array,
): Promise<string> {
  const keys = await generateKeyPair('ES256')
  const jwt = new SignJWT(claims)
    .setProtectedHeader({ alg, typ: 'at+jwt' })
    .setSubject(demo.users.securityAdmin)
    .setExpirationTime('5m')
  return build(jwt).sign(key ?? keys.privateKey)
}

/** Tokens of an admin that nobody issued, by what is wrong with them. */
export function forgeries(
  server: () => IdentityServer,
): [string, () => Promise<string> | string][] {
  return [
    [
      'another key under the name of the sessions',
      () => forge((jwt) => jwt.setIssuer(server().sessionIssuer).setAudience(server().audience)),
    ],
    [
      'another key under the name of the provider',
      () => forge((jwt) => jwt.setIssuer(server().issuer).setAudience(server().audience)),
    ],
    [
      'an issuer of its own',
      () => forge((jwt) => jwt.setIssuer('https://evil.example').setAudience(server().audience)),
    ],
    [
      'a symmetric algorithm',
      () =>
        forge(
          (jwt) => jwt.setIssuer(server().sessionIssuer).setAudience(server().audience),
          'HS256',
          new TextEncoder().encode('x'.repeat(32)),
        ),
    ],
    [
      'no signature at all',
      () => {
        const part = (value: object): string =>
          Buffer.from(JSON.stringify(value)).toString('base64url')
        const body = { ...claims, iss: server().sessionIssuer, aud: server().audience, exp: 9e9 }
        return `${part({ alg: 'none' })}.${part(body)}.`
      },
    ],
    ['nothing that is a token', () => 'abc'],
  ]
}
