import { randomBytes } from 'node:crypto'
import { createTokenVerifier } from 'watertight/http'
import type { TxManager } from 'watertight/runtime'
import { capabilities } from '../api/capabilities.js'
import { demoIssuer, demoLogins } from '../demo-data/index.js'
import { discoverIssuer } from './discover-issuer.js'
import type { IdentityOptions } from './platform-identity.js'
import { identityOptions } from './platform-identity.js'
import type { TrustedIssuer } from './platform-verifier.js'
import { demoAccounts } from './provider/demo-account.js'
import type { DemoAccount } from './provider/demo-account.js'
import { createDemoProvider } from './provider/demo-provider.js'
import type { DemoProvider } from './provider/demo-provider.js'
import type { IdentitySetup } from './read-identity-setup.js'
import { openSessionIssuer } from './session-issuer.js'
import type { SessionIssuer } from './session-issuer.js'

/** Identity, ready for a server. */
export interface OpenIdentity {
  /** For `createHttpTenancy`. */
  readonly options: IdentityOptions
  /** For `buildApi`, among its services. */
  readonly sessions: SessionIssuer
  /** Where people sign in. */
  readonly issuer: string
  /** The demo's provider with who can sign in there; null with an issuer of yours. */
  readonly demo: {
    readonly provider: DemoProvider
    readonly password: string
    readonly accounts: readonly DemoAccount[]
  } | null
}

/** Tokens that carry a signature which nobody but their issuer can make. */
const algorithms = ['ES256', 'PS256', 'RS256', 'EdDSA'] as const

/**
 * Opens the issuers that a server trusts.
 *
 * @param publicUrl where browsers reach the server, without a slash at the end
 * @throws KEYS_UNAVAILABLE when an issuer of yours cannot be discovered.
 * @example
 * const identity = await openIdentity(tx, readIdentitySetup(env, publicUrl, problems), publicUrl)
 * const http = createHttpTenancy(identity.options)
 * const app = await buildApi({ http, routes, services: { sessions: identity.sessions } })
 * if (identity.demo !== null) await mountDemoProvider(app, identity.demo.provider)
 */
export async function openIdentity(
  tx: TxManager,
  setup: IdentitySetup,
  publicUrl: string,
): Promise<OpenIdentity> {
  const { audience, signIn, sessionKey } = setup
  const sessions = await openSessionIssuer({
    issuer: `${publicUrl}/session`,
    audience,
    ...(sessionKey !== null && { privateKey: sessionKey }),
  })
  if (signIn.kind === 'openid') {
    const { issuer } = signIn
    const { jwksUri } = await discoverIssuer(issuer)
    const verifier = createTokenVerifier({ issuer, audience, jwks: jwksUri, algorithms })
    const options = identityOptions(tx, [{ issuer, verifier }], sessions)
    return { options, sessions, issuer, demo: null }
  }
  const password = signIn.password ?? randomBytes(9).toString('base64url')
  const provider = await demoProviderOf(setup, password, publicUrl)
  const options = identityOptions(tx, [trustDemo(provider, audience)], sessions)
  const demo = { provider, password, accounts: demoLogins }
  return { options, sessions, issuer: provider.issuer, demo }
}

async function demoProviderOf(
  { audience, consoleClientId, consoleCallbacks }: IdentitySetup,
  password: string,
  publicUrl: string,
): Promise<DemoProvider> {
  return createDemoProvider({
    issuer: `${publicUrl}/oidc`,
    audience,
    accounts: demoAccounts(demoLogins, password),
    publicClients: [
      {
        id: consoleClientId,
        redirectUris: consoleCallbacks,
        postLogoutRedirectUris: [...new Set(consoleCallbacks.map((uri) => new URL('/', uri).href))],
      },
    ],
    serviceClients: [],
    scopes: capabilities,
  })
}

/** SECURITY: the keys of the provider of this process are known here; nobody is asked for them. */
function trustDemo({ issuer, keys }: DemoProvider, audience: string): TrustedIssuer {
  const verifier = createTokenVerifier({
    issuer,
    audience,
    jwks: keys,
    algorithms: ['ES256'],
    typ: 'at+jwt',
  })
  return { issuer, knownAs: demoIssuer, verifier }
}
