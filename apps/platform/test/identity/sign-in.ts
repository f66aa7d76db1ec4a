import * as oidc from 'openid-client'

/** A browser as far as signing in needs one: it keeps cookies and shows redirects. */
export class Browser {
  readonly #cookies = new Map<string, string>()

  async open(url: string, form?: Record<string, string>): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const reply = await fetch(url, {
      redirect: 'manual',
      headers: cookie === '' ? {} : { cookie },
      ...(form !== undefined && { method: 'POST', body: new URLSearchParams(form) }),
    })
    for (const line of reply.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const [name = '', ...value] = pair.split('=')
      if (/expires=Thu, 01 Jan 1970/i.test(line)) this.#cookies.delete(name)
      else this.#cookies.set(name, value.join('='))
    }
    return reply
  }

  /** Follows redirects as far as the address that `until` begins with, which is not opened. */
  async follow(
    url: string,
    until: string,
  ): Promise<{ readonly url: string; readonly reply: Response | null }> {
    let at = url
    for (let hop = 0; hop < 10; hop += 1) {
      if (at.startsWith(until)) return { url: at, reply: null }
      const reply = await this.open(at)
      const next = reply.headers.get('location')
      if (next === null) return { url: at, reply }
      at = new URL(next, at).href
    }
    throw new Error('too many redirects')
  }
}

/** What the console does at the provider. */
export interface SignIn {
  readonly issuer: string
  readonly clientId: string
  readonly redirectUri: string
  readonly email: string
  readonly password: string
  readonly scope?: string
}

/** The client's view of the provider, over plain HTTP on this machine. */
export function discover(
  issuer: string,
  clientId: string,
  secret?: string,
): Promise<oidc.Configuration> {
  const authentication = secret === undefined ? oidc.None() : oidc.ClientSecretBasic(secret)
  return oidc.discovery(new URL(issuer), clientId, undefined, authentication, {
    execute: [oidc.allowInsecureRequests],
  })
}

/** Authorization code with PKCE: from the login page to the address with the code. */
export async function authorize(
  config: oidc.Configuration,
  { redirectUri, email, password, scope = 'openid profile email' }: SignIn,
  browser: Browser = new Browser(),
): Promise<{ readonly callback: URL; readonly verifier: string; readonly state: string }> {
  const verifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const start = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  const login = await browser.follow(start.href, redirectUri)
  if (login.reply === null) return { callback: new URL(login.url), verifier, state }
  const answer = await browser.open(login.url, { email, password })
  const next = answer.headers.get('location')
  if (next === null) throw new Error(`the login page answered ${answer.status}`)
  const end = await browser.follow(new URL(next, login.url).href, redirectUri)
  return { callback: new URL(end.url), verifier, state }
}

/** Signs in and returns the tokens. */
export async function signIn(
  options: SignIn,
  browser: Browser = new Browser(),
): Promise<oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers> {
  const config = await discover(options.issuer, options.clientId)
  const { callback, verifier, state } = await authorize(config, options, browser)
  return oidc.authorizationCodeGrant(config, callback, {
    pkceCodeVerifier: verifier,
    expectedState: state,
  })
}
