import { randomBytes } from 'node:crypto'
import { errors } from 'oidc-provider'
import type { ClientMetadata, Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { SignInBounds } from './attempt-limit.js'
import { claimsOfAccount } from './demo-account.js'
import type { DemoAccounts } from './demo-account.js'
import { memoryStore } from './memory-store.js'
import type { ProviderKey } from './provider-keys.js'
import { logoutPage, messagePage } from './provider-pages.js'
import type { Page } from './provider-pages.js'

/** A program that signs people in: the console. It is public and has no secret, so PKCE it is. */
export interface PublicClient {
  readonly id: string
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
}

/** A program that acts for itself. */
export interface ServiceClient {
  readonly id: string
  readonly secret: string
}

/** What the provider of the demo is made of. */
export interface DemoProviderOptions {
  /** Where browsers reach it: `http://127.0.0.1:8080/oidc`. */
  readonly issuer: string
  /** The API that access tokens are for (RFC 8707): the only resource there is. */
  readonly audience: string
  readonly accounts: DemoAccounts
  readonly publicClients: readonly PublicClient[]
  readonly serviceClients: readonly ServiceClient[]
  /** What services may ask for. */
  readonly scopes: readonly string[]
  /** How often a sign-in may fail; ten times an account, fifty times an address, in a quarter of an hour. */
  readonly signInBounds?: SignInBounds
  /** Milliseconds since 1970, for these bounds alone. */
  readonly now?: () => number
}

/** Seconds; an access token is refreshed every ten minutes. */
const ttl = {
  AccessToken: 600,
  AuthorizationCode: 60,
  ClientCredentials: 600,
  Grant: 8 * 3600,
  IdToken: 600,
  Interaction: 900,
  RefreshToken: 8 * 3600,
  Session: 8 * 3600,
} as const

const oidcScopes = ['openid', 'profile', 'email'] as const

/** Code flow with PKCE, refresh tokens that rotate, access tokens that are JWTs for the API alone. */
export function providerConfiguration(
  options: DemoProviderOptions,
  signingKey: ProviderKey,
): Configuration {
  const { issuer, audience, accounts, publicClients, serviceClients } = options
  const scope = ['api', ...options.scopes].join(' ')
  const path = new URL(issuer).pathname.replace(/\/$/, '')
  return {
    adapter: memoryStore(),
    jwks: { keys: [{ ...signingKey }] },
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      long: { httpOnly: true, sameSite: 'lax', path: `${path}/` },
      short: { httpOnly: true, sameSite: 'lax' },
    },
    clients: [...publicClients.map(publicMetadata), ...serviceClients.map(serviceMetadata)],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    // Browsers name the origin in each POST, to their own as well.
    clientBasedCORS: (_ctx, origin, { redirectUris = [] }) =>
      originsOf(redirectUris).includes(origin),
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    responseTypes: ['code'],
    pkce: { methods: ['S256'], required: () => true },
    scopes: [...oidcScopes],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    // Nothing outlives the session of the browser that it began in.
    expiresWithSession: async () => true,
    ttl,
    findAccount: async (_ctx, subject) => {
      const account = accounts.bySubject(subject)
      return (
        account && { accountId: subject, claims: async () => ({ ...claimsOfAccount(account) }) }
      )
    },
    // The address says whose invitation a newcomer may accept, so the access token has it as well.
    extraTokenClaims: async ({ oidc }, token) => {
      const account = 'accountId' in token ? accounts.bySubject(token.accountId) : undefined
      if (account === undefined) return undefined
      const uid = 'sessionUid' in token ? token.sessionUid : undefined
      const session = uid === undefined ? undefined : await oidc.provider.Session.findByUid(uid)
      return { ...claimsOfAccount(account), sub: undefined, sign_in_ends: session?.exp }
    },
    loadExistingGrant: (ctx) => grantOf(ctx, audience, scope),
    interactions: { url: (_ctx, { uid }) => `${path}/interaction/${uid}` },
    renderError: (ctx, { error, error_description: text }) => {
      show(ctx, messagePage('This did not work', text ?? error))
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          if (resource !== audience) throw new errors.InvalidTarget()
          return {
            scope,
            audience,
            accessTokenFormat: 'jwt',
            accessTokenTTL: ttl.AccessToken,
            jwt: { sign: { alg: 'ES256' } },
          }
        },
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          const targets = publicClients.flatMap((client) =>
            originsOf(client.postLogoutRedirectUris),
          )
          show(ctx, logoutPage(form, targets))
        },
        postLogoutSuccessSource: (ctx) => {
          show(ctx, messagePage('Signed out', 'You can close this page.'))
        },
      },
    },
  }
}

/** The origins of addresses, as a content security policy names them. */
export function originsOf(uris: readonly string[]): readonly string[] {
  return [...new Set(uris.map((uri) => new URL(uri).origin))]
}

/** Answers a request with a page. */
export function show(ctx: Pick<KoaContextWithOIDC, 'set' | 'body'>, { html, headers }: Page): void {
  ctx.set({ ...headers })
  ctx.body = html
}

function publicMetadata(client: PublicClient): ClientMetadata {
  return {
    client_id: client.id,
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [...client.redirectUris],
    post_logout_redirect_uris: [...client.postLogoutRedirectUris],
  }
}

function serviceMetadata({ id, secret }: ServiceClient): ClientMetadata {
  return {
    client_id: id,
    client_secret: secret,
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  }
}

/** All clients are the platform's own, so nobody is asked to consent. */
async function grantOf(
  ctx: KoaContextWithOIDC,
  audience: string,
  scope: string,
): Promise<InstanceType<KoaContextWithOIDC['oidc']['provider']['Grant']> | undefined> {
  const { client, session, provider } = ctx.oidc
  const accountId = session?.accountId
  if (client === undefined || session === undefined || accountId === undefined) return undefined
  const grantId = session.grantIdFor(client.clientId)
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId)
  if (known !== undefined) return known
  const grant = new provider.Grant({ clientId: client.clientId, accountId })
  grant.addOIDCScope(oidcScopes.join(' '))
  grant.addResourceScope(audience, scope)
  await grant.save()
  return grant
}
