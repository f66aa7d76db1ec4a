import { demo } from '../demo-data/index.js'
import type { ServedPlatform } from './serve-platform.js'

/** How long the printed token is good for, in minutes: the longest that a session token lives. */
const minutes = 10

/** Who can sign in where, and a call to begin with, as lines of text. */
export async function renderSignIn({
  identity,
  publicUrl,
}: ServedPlatform): Promise<readonly string[]> {
  if (identity.demo === null) {
    return [`The API is at ${publicUrl}/api/v1; people sign in at ${identity.issuer}.`]
  }
  const { accounts, password } = identity.demo
  const { token } = await identity.sessions.issue({
    userId: demo.users.securityAdmin,
    tenantId: demo.tenants.security,
    mode: 'member',
    orgUnitId: null,
    grantId: null,
    scopes: null,
    signedInUntil: Math.floor(Date.now() / 1000) + minutes * 60,
  })
  return [
    `The console is at ${publicUrl}/, the API at ${publicUrl}/api/v1, its OpenID provider at ${identity.issuer}.`,
    `Sign in with the password ${password} as one of:`,
    ...accounts.map(({ email, name }) => `  ${email.padEnd(36)} ${name}`),
    '',
    `A token of the administrator of Northgate Security, good for ${String(minutes)} minutes:`,
    `  curl -H 'Authorization: Bearer ${token}' ${publicUrl}/api/v1/assets`,
    `Without one, what tenants publish:`,
    `  curl ${publicUrl}/api/v1/public/events`,
  ]
}
