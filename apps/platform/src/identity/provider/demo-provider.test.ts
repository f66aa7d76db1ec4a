import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import * as oidc from 'openid-client'
import { createTokenVerifier } from 'watertight/http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { authorize, Browser, discover, signIn } from '../../../test/identity/sign-in.js'
import type { SignIn } from '../../../test/identity/sign-in.js'
import { demoAccounts } from './demo-account.js'
import { createDemoProvider } from './demo-provider.js'

const audience = 'https://api.platform.example'
const password = 'correct horse battery staple'
const redirectUri = 'http://127.0.0.1:9/signed-in'
const ada = { subject: 'ada', email: 'ada@watertight.example', name: 'Ada <Berger> & "Co"' }

let server: Server
let issuer: string
let login: SignIn
const printed: unknown[] = []

beforeAll(async () => {
  for (const method of ['info', 'warn', 'log', 'error'] as const) {
    vi.spyOn(console, method).mockImplementation((...args) => void printed.push(args))
  }
  server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  issuer = `http://127.0.0.1:${port}/oidc`
  const provider = await createDemoProvider({
    issuer,
    audience,
    accounts: demoAccounts([ada], password),
    publicClients: [
      { id: 'console', redirectUris: [redirectUri], postLogoutRedirectUris: [redirectUri] },
    ],
    serviceClients: [{ id: 'importer', secret: 'a secret of the importer alone' }],
    scopes: ['assets.read', 'assets.write'],
  })
  server.on('request', provider.handle)
  login = { issuer, clientId: 'console', redirectUri, email: ada.email, password }
})
afterAll(async () => {
  vi.restoreAllMocks()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function verifierOf(
  change: { audience?: string; issuer?: string } = {},
): ReturnType<typeof createTokenVerifier> {
  return createTokenVerifier({
    issuer,
    audience,
    jwks: `${issuer}/jwks`,
    algorithms: ['ES256'],
    typ: 'at+jwt',
    ...change,
  })
}

describe('the OpenID provider of the demo', () => {
  it('signs people in by code and PKCE, with access tokens for the API alone', async () => {
    const tokens = await signIn(login)
    expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({
      alg: 'ES256',
      typ: 'at+jwt',
    })
    const { claims } = await verifierOf().verify(tokens.access_token)
    expect(claims).toMatchObject({
      iss: issuer,
      aud: audience,
      sub: 'ada',
      client_id: 'console',
      email: ada.email,
      email_verified: true,
      name: ada.name,
    })
    // It says when the sign-in ends, long after the token itself.
    expect(Number(claims['sign_in_ends'])).toBeGreaterThan(Date.now() / 1000 + 7 * 3600)
    expect(tokens.claims()).toMatchObject({ sub: 'ada', aud: 'console', email: ada.email })
    expect(tokens.refresh_token).toBeTypeOf('string')
  })

  it('gives tokens that hold for no other audience, issuer or type', async () => {
    const { access_token: token, id_token: idToken = '' } = await signIn(login)
    const refused = { code: 'INVALID_TOKEN' }
    await expect(verifierOf({ audience: 'console' }).verify(token)).rejects.toMatchObject(refused)
    await expect(
      verifierOf({ issuer: 'https://evil.example' }).verify(token),
    ).rejects.toMatchObject(refused)
    await expect(verifierOf().verify(idToken)).rejects.toMatchObject(refused)
  })

  it('gives nothing for a code with another verifier, nor for one that was used', async () => {
    const config = await discover(issuer, 'console')
    const { callback, verifier, state } = await authorize(config, login)
    const exchange = (pkceCodeVerifier: string): Promise<unknown> =>
      oidc.authorizationCodeGrant(config, callback, { pkceCodeVerifier, expectedState: state })
    await expect(exchange(oidc.randomPKCECodeVerifier())).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    await expect(exchange(verifier)).resolves.toBeDefined()
    await expect(exchange(verifier)).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it('refuses to start without PKCE, and to send codes elsewhere', async () => {
    const config = await discover(issuer, 'console')
    const browser = new Browser()
    const plain = oidc.buildAuthorizationUrl(config, { redirect_uri: redirectUri, scope: 'openid' })
    const back = await browser.follow(plain.href, redirectUri)
    expect(new URL(back.url).searchParams.get('error')).toBe('invalid_request')
    const elsewhere = oidc.buildAuthorizationUrl(config, {
      redirect_uri: 'https://evil.example/',
      scope: 'openid',
      code_challenge: await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier()),
      code_challenge_method: 'S256',
    })
    const { reply } = await browser.follow(elsewhere.href, 'https://evil.example/')
    expect(reply?.status).toBe(400)
  })

  it.each([
    ['another password', { password: 'wrong' }],
    ['an address that nobody has', { email: 'nobody@watertight.example' }],
  ])('shows the login page again for %s', async (_what, change) => {
    await expect(signIn({ ...login, ...change })).rejects.toThrow('the login page answered 403')
  })

  it('lets an account and an address fail a bounded number of times, and again after a while', async () => {
    let now = 0
    const window = 60_000
    const bounded = createServer()
    await new Promise<void>((resolve) => bounded.listen(0, '127.0.0.1', resolve))
    const own = `http://127.0.0.1:${(bounded.address() as AddressInfo).port}/oidc`
    const provider = await createDemoProvider({
      issuer: own,
      audience,
      accounts: demoAccounts([ada], password),
      publicClients: [{ id: 'console', redirectUris: [redirectUri], postLogoutRedirectUris: [] }],
      serviceClients: [],
      scopes: [],
      signInBounds: { account: { failures: 2, window }, address: { failures: 4, window } },
      now: () => now,
    })
    let address = '192.0.2.1'
    const waits = new Set<unknown>()
    bounded.on('request', (request, response) => {
      response.on('finish', () => waits.add(response.getHeader('retry-after')))
      provider.handle(request, response, address)
    })
    const there = { ...login, issuer: own }
    const attempt = (change: object): Promise<unknown> => signIn({ ...there, ...change })
    const wrong = { password: 'wrong' }
    const refused = 'the login page answered 403'
    const held = 'the login page answered 429'
    try {
      await expect(attempt(wrong)).rejects.toThrow(refused)
      // Who gets in has nothing against the account, and everything against the address.
      await expect(attempt({})).resolves.toBeDefined()
      await expect(attempt(wrong)).rejects.toThrow(refused)
      await expect(attempt({ ...wrong, email: 'ADA@watertight.example' })).rejects.toThrow(refused)
      await expect(attempt({})).rejects.toThrow(held)
      await expect(attempt({ ...wrong, email: 'nobody@x.example' })).rejects.toThrow(refused)
      await expect(attempt({ email: 'other@x.example' })).rejects.toThrow(held)
      address = '192.0.2.2'
      await expect(attempt({ email: 'other@x.example' })).rejects.toThrow(refused)
      await expect(attempt({})).rejects.toThrow(held)
      expect([...waits]).toEqual([undefined, '60'])
      now += window
      await expect(attempt({})).resolves.toBeDefined()
    } finally {
      bounded.closeAllConnections()
      await new Promise((resolve) => bounded.close(resolve))
    }
  })

  it('rotates refresh tokens, and ends the whole grant when a used one comes back', async () => {
    const config = await discover(issuer, 'console')
    const first = await signIn(login)
    const second = await oidc.refreshTokenGrant(config, String(first.refresh_token))
    expect(second.refresh_token).not.toBe(first.refresh_token)
    await verifierOf().verify(second.access_token)
    await expect(oidc.refreshTokenGrant(config, String(first.refresh_token))).rejects.toMatchObject(
      {
        error: 'invalid_grant',
      },
    )
    await expect(
      oidc.refreshTokenGrant(config, String(second.refresh_token)),
    ).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it.each([
    ['the pages of the console', new URL(redirectUri).origin, 200],
    ['the pages of another site', 'https://evil.example', 400],
  ])('answers %s (%s) with %i when they ask for tokens', async (_who, origin, status) => {
    const { refresh_token: token = '' } = await signIn(login)
    const reply = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { origin },
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: token,
        client_id: 'console',
      }),
    })
    expect(reply.status).toBe(status)
  })

  it('gives services tokens for what they ask of the API', async () => {
    const config = await discover(issuer, 'importer', 'a secret of the importer alone')
    const { access_token: token } = await oidc.clientCredentialsGrant(config, {
      scope: 'assets.read',
    })
    const { claims } = await verifierOf().verify(token)
    expect(claims).toMatchObject({ sub: 'importer', client_id: 'importer', scope: 'assets.read' })
    const wrong = await discover(issuer, 'importer', 'a guess')
    await expect(oidc.clientCredentialsGrant(wrong)).rejects.toMatchObject({ status: 401 })
    const foreign = oidc.clientCredentialsGrant(config, { resource: 'https://other.example' })
    await expect(foreign).rejects.toMatchObject({ error: 'invalid_target' })
  })

  it('ends refresh tokens with the session when one signs out', async () => {
    const config = await discover(issuer, 'console')
    const browser = new Browser()
    const tokens = await signIn(login, browser)
    const end = oidc.buildEndSessionUrl(config, {
      post_logout_redirect_uri: redirectUri,
      id_token_hint: String(tokens.id_token),
    })
    const page = await browser.open(end.href)
    const html = await page.text()
    const xsrf = /name="xsrf" value="(\w+)"/.exec(html)?.[1] ?? ''
    const action = /action="([^"]+)"/.exec(html)?.[1] ?? ''
    const answer = await browser.open(action, { xsrf, logout: 'yes' })
    expect(answer.headers.get('location')).toBe(redirectUri)
    await expect(
      oidc.refreshTokenGrant(config, String(tokens.refresh_token)),
    ).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })

  it('has pages without scripts that no other site can frame or fill', async () => {
    const config = await discover(issuer, 'console')
    const start = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid',
      code_challenge: await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier()),
      code_challenge_method: 'S256',
    })
    const { reply } = await new Browser().follow(start.href, redirectUri)
    const policy = reply?.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    const html = (await reply?.text()) ?? ''
    expect(html).not.toMatch(/<script|\son\w+=/)
    expect(html).toContain('Ada &#60;Berger&#62; &#38; &#34;Co&#34;')
  })

  it('names its own address, whatever the caller says of the host', async () => {
    const reply = await fetch(`${issuer}/.well-known/openid-configuration`, {
      headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' },
    })
    expect(await reply.text()).not.toContain('evil.example')
  })

  it('prints nothing', () => {
    expect(printed).toEqual([])
  })

  it('publishes no private key', async () => {
    const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: object[] }
    expect(keys).toHaveLength(1)
    for (const key of keys) expect(key).not.toHaveProperty('d')
  })

  it('keeps secrets out of the tokens of services', async () => {
    const config = await discover(issuer, 'importer', 'a secret of the importer alone')
    const { access_token: token } = await oidc.clientCredentialsGrant(config)
    expect(decodeJwt(token)).not.toHaveProperty('email')
  })
})
