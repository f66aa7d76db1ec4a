import type { Configuration } from '../configuration.js'
import type { ProviderTokens } from './tokens.js'

interface Endpoints {
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly end_session_endpoint?: string
}

/** What waits in the tab while the provider's pages are shown: no token, and of no use without one. */
interface Attempt {
  readonly state: string
  readonly verifier: string
  readonly returnTo: string
  readonly endpoints: Endpoints
}

const attemptKey = 'sign-in-attempt'
const callbackPath = '/callback'

/** Where the provider sends people back to. */
export function isCallback(pathname: string): boolean {
  return pathname === callbackPath
}

/**
 * Leaves for the provider with a code challenge (RFC 7636); who is signed in there comes back at once.
 */
export async function beginSignIn(configuration: Configuration, returnTo: string): Promise<never> {
  const endpoints = await discover(configuration.issuer)
  const attempt: Attempt = { state: randomText(), verifier: randomText(), returnTo, endpoints }
  sessionStorage.setItem(attemptKey, JSON.stringify(attempt))
  const url = new URL(endpoints.authorization_endpoint)
  const parameters = {
    client_id: configuration.clientId,
    response_type: 'code',
    redirect_uri: new URL(callbackPath, location.origin).href,
    scope: 'openid profile email api',
    state: attempt.state,
    code_challenge: await challengeOf(attempt.verifier),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  location.replace(url)
  return new Promise(() => undefined)
}

/** What the provider sent back: tokens, or why not. */
export type SignInResult =
  | { readonly kind: 'signed-in'; readonly tokens: ProviderTokens }
  | { readonly kind: 'refused'; readonly reason: string }

/** Somebody who came back from the provider: the page to go on with, and what is being settled. */
export interface Returned {
  readonly returnTo: string
  readonly result: Promise<SignInResult>
}

/** Exchanges the code in the address of the callback. The state has to be that of this tab. */
export function takeReturn(configuration: Configuration): Returned {
  const stored = sessionStorage.getItem(attemptKey)
  sessionStorage.removeItem(attemptKey)
  const attempt = stored === null ? null : (JSON.parse(stored) as Attempt)
  return {
    returnTo: attempt === null ? '/' : localPath(attempt.returnTo),
    result: finishSignIn(configuration, attempt, new URL(location.href).searchParams),
  }
}

async function finishSignIn(
  configuration: Configuration,
  attempt: Attempt | null,
  answer: URLSearchParams,
): Promise<SignInResult> {
  if (attempt === null || answer.get('state') !== attempt.state) {
    return { kind: 'refused', reason: 'This sign-in was not started in this tab.' }
  }
  const code = answer.get('code')
  if (code === null) {
    return {
      kind: 'refused',
      reason: answer.get('error_description') ?? 'The provider sent no code.',
    }
  }
  discovered = Promise.resolve(attempt.endpoints)
  const tokens = await askForTokens(configuration, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: new URL(callbackPath, location.origin).href,
    code_verifier: attempt.verifier,
  })
  if (tokens === null) return { kind: 'refused', reason: 'The provider refused the code.' }
  return { kind: 'signed-in', tokens }
}

/** New tokens for the refresh token, which the provider rotates; null when the session has ended. */
export async function renewTokens(
  configuration: Configuration,
  tokens: ProviderTokens,
): Promise<ProviderTokens | null> {
  if (tokens.refreshToken === null) return null
  const renewed = await askForTokens(configuration, {
    grant_type: 'refresh_token',
    refresh_token: tokens.refreshToken,
  })
  return renewed && { ...renewed, idToken: renewed.idToken ?? tokens.idToken }
}

/** Ends the session at the provider (OpenID Connect RP-Initiated Logout 1.0) and leaves the page. */
export async function signOut(configuration: Configuration, tokens: ProviderTokens): Promise<void> {
  sessionStorage.clear()
  const { end_session_endpoint: address } = await discover(configuration.issuer)
  if (address === undefined) return location.replace('/public/')
  const url = new URL(address)
  url.searchParams.set('client_id', configuration.clientId)
  url.searchParams.set('post_logout_redirect_uri', new URL('/', location.origin).href)
  if (tokens.idToken !== null) url.searchParams.set('id_token_hint', tokens.idToken)
  location.replace(url)
}

async function askForTokens(
  configuration: Configuration,
  parameters: Readonly<Record<string, string>>,
): Promise<ProviderTokens | null> {
  const { token_endpoint: address } = await discover(configuration.issuer)
  const reply = await fetch(address, {
    method: 'POST',
    body: new URLSearchParams({ ...parameters, client_id: configuration.clientId }),
    credentials: 'omit',
  })
  if (!reply.ok) return null
  const body = (await reply.json()) as {
    access_token: string
    id_token?: string
    refresh_token?: string
    expires_in?: number
  }
  return {
    accessToken: body.access_token,
    idToken: body.id_token ?? null,
    refreshToken: body.refresh_token ?? null,
    expiresAt: Date.now() + (body.expires_in ?? 60) * 1000,
  }
}

let discovered: Promise<Endpoints> | null = null

async function discover(issuer: string): Promise<Endpoints> {
  discovered ??= fetch(`${issuer}/.well-known/openid-configuration`, { credentials: 'omit' }).then(
    async (reply) => {
      if (!reply.ok) throw new Error('The OpenID provider cannot be reached.')
      const { authorization_endpoint, token_endpoint, end_session_endpoint } =
        (await reply.json()) as Endpoints
      return {
        authorization_endpoint,
        token_endpoint,
        ...(end_session_endpoint !== undefined && { end_session_endpoint }),
      }
    },
  )
  return discovered
}

/** SECURITY: never another site's address. */
function localPath(text: string): string {
  const url = new URL(text, location.origin)
  return url.origin === location.origin ? `${url.pathname}${url.search}${url.hash}` : '/'
}

function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)))
}

async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return base64url(new Uint8Array(digest))
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCodePoint(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
