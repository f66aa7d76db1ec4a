import { expect, it } from 'vitest'
import { useBrowser } from './browser.js'
import { environment } from './environment.js'
import { fillInSignIn } from './sign-in.js'

const visitors = useBrowser()
const assets = '/t/northgate-security/all/assets'

it('answers with a policy that lets in no script but its files, no frame and no other host', async () => {
  const { page } = await visitors.anybody()
  const reply = await page.request.get(assets)
  const policy = reply.headers()['content-security-policy'] ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self';")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).toContain("require-trusted-types-for 'script'")
  expect(policy).not.toMatch(/unsafe-|\*/)
})

it('keeps no token where a script or another tab could find it', async () => {
  const { page, open, context } = await visitors.as('ada')
  const bearers = new Set<string>()
  page.on('request', (request) => {
    const header = request.headers()['authorization']
    if (header !== undefined) bearers.add(header.replace('Bearer ', ''))
  })
  await open(assets)
  await page.getByRole('link', { name: 'camera-7' }).waitFor()
  expect(bearers.size).toBeGreaterThan(1)
  const stored = await page.evaluate(async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    cookie: document.cookie,
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
  }))
  expect(stored).toMatchObject({ session: {}, cookie: '', databases: [], caches: [] })
  const text = JSON.stringify(stored)
  for (const bearer of bearers) expect(text).not.toContain(bearer)
  for (const cookie of await context.cookies())
    expect([cookie.name, cookie.httpOnly]).toEqual([cookie.name, true])
})

it('runs no script that stands in the page, and makes no markup of text', async () => {
  const { page, open } = await visitors.as('ada')
  await open(assets)
  const refused = await page.evaluate(async () => {
    const violations: string[] = []
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
      violations.push(effectiveDirective),
    )
    const script = document.createElement('script')
    try {
      script.textContent = 'globalThis.ran = true'
      document.body.append(script)
    } catch {
      violations.push('trusted types')
    }
    let hasThrown = false
    try {
      document.createElement('div').innerHTML = '<img src=x onerror="globalThis.ran = true">'
    } catch {
      hasThrown = true
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
    return { hasThrown, ran: 'ran' in globalThis, violations: violations.length }
  })
  expect(refused).toMatchObject({ hasThrown: true, ran: false })
  expect(refused.violations).toBeGreaterThan(0)
})

it('is shown in no frame', async () => {
  const { page } = await visitors.anybody()
  const framing = 'http://127.0.0.1:9/'
  await page.route(framing, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<iframe src="${environment.origin}/"></iframe>`,
    }),
  )
  await page.goto(framing)
  await page.waitForTimeout(500)
  const texts = await Promise.all(
    page
      .frames()
      .slice(1)
      .map((frame) =>
        frame
          .locator('body')
          .innerText()
          .catch(() => ''),
      ),
  )
  expect(texts.join('')).not.toMatch(/Sign in|watertight/i)
})

it('ends the session at the provider, which asks for the password again', async () => {
  const { page } = await visitors.anybody()
  await page.goto('/')
  await page.locator('[name=password]').waitFor()
  await fillInSignIn(page, 'sofia')
  await page.getByTestId('account').click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  // The provider asks whether that is meant.
  await page.waitForURL('**/oidc/session/end**')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.locator('[name=password]').waitFor()
  await page.goto(assets)
  await page.locator('[name=password]').waitFor()
  await page.goBack()
  await page.goForward()
  await page.locator('[name=password]').waitFor()
  expect(await page.locator('body').innerText()).not.toContain('camera-7')
})

it('refuses an answer of the provider that this tab did not ask for', async () => {
  const { page, open } = await visitors.as('ada')
  const asked: string[] = []
  page.on('request', (request) => {
    if (request.url().endsWith('/oidc/token')) asked.push(request.url())
  })
  await open(
    `/callback?code=stolen&state=foreign&iss=${encodeURIComponent(`${environment.origin}/oidc`)}`,
  )
  expect(await page.locator('h1').innerText()).toBe('You are not signed in')
  expect(asked).toEqual([])
})

it('goes to no other site after the sign-in', async () => {
  const { page } = await visitors.as('ada')
  await page.addInitScript(() => {
    const attempt = sessionStorage.getItem('sign-in-attempt')
    if (location.pathname !== '/callback' || attempt === null) return
    const forged = { ...(JSON.parse(attempt) as object), returnTo: 'https://evil.example/' }
    sessionStorage.setItem('sign-in-attempt', JSON.stringify(forged))
  })
  await page.goto('/')
  await page.locator('h1').waitFor()
  expect(new URL(page.url()).origin).toBe(environment.origin)
})
