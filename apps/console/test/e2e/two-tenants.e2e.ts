import type { Page, Route } from 'playwright-core'
import { beforeAll, expect, it } from 'vitest'
import { useBrowser } from './browser.js'

const visitors = useBrowser()
const security = '/t/northgate-security/all'
/** An asset that only Northgate Security has: those of the demo have the same names everywhere. */
const secret = `vault-${String(Date.now())}`
const ofSecurity = new RegExp(`${secret}|Northgate`)

const textOf = (page: Page): Promise<string> => page.locator('body').innerText()

beforeAll(async () => {
  const { page, open, context } = await visitors.as('ada')
  await open(`${security}/assets`)
  await page.getByRole('button', { name: 'Enter an asset' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Host name').fill(secret)
  await form.getByRole('button', { name: 'Enter' }).click()
  await page.getByRole('link', { name: secret }).waitFor()
  await context.close()
})

async function schoolOf(page: Page): Promise<string> {
  return new URL(page.url()).pathname.replace(/\/$/, '')
}

it('shows two administrators side by side their own tenant alone', async () => {
  const ada = await visitors.as('ada')
  const greta = await visitors.as('greta')
  await Promise.all([ada.open('/'), greta.open('/')])
  const school = await schoolOf(greta.page)
  await Promise.all([ada.open(`${security}/assets`), greta.open(`${school}/assets`)])
  await ada.page.getByRole('link', { name: secret }).waitFor()
  await greta.page.waitForLoadState('networkidle')
  expect(await textOf(greta.page)).not.toMatch(ofSecurity)
  expect(await greta.page.getByTestId('tenant').innerText()).toContain('Lindenhof')
})

it('shows nothing at a deep link into another tenant, nor at its object under the own one', async () => {
  const ada = await visitors.as('ada')
  await ada.open(`${security}/assets`)
  const href = (await ada.page.getByRole('link', { name: secret }).getAttribute('href')) ?? ''
  const greta = await visitors.as('greta')
  await greta.open('/')
  const school = await schoolOf(greta.page)
  for (const path of [href, `${security}/assets`, href.replace(security, school)]) {
    await greta.open(path)
    await greta.page.waitForLoadState('networkidle')
    const text = await textOf(greta.page)
    expect([path, ofSecurity.test(text)]).toEqual([path, false])
    expect(text).toMatch(/not yours|no such|does not reach/i)
  }
})

it('keeps the tenants of one person apart through switch, back and forward', async () => {
  const { page, open } = await visitors.as('noah')
  await open('/')
  await page.getByTestId('tenant').click()
  const links = await page
    .locator('[popover] a')
    .evaluateAll((all) =>
      all.map((link) => [link.textContent ?? '', link.getAttribute('href') ?? ''] as const),
    )
  expect(links.length).toBeGreaterThanOrEqual(2)
  const [first, second] = links
  if (first === undefined || second === undefined) throw new Error('noah belongs to two tenants')
  await page.locator(`[popover] a[href="${second[1]}"]`).click()
  await page.waitForURL((url) => url.pathname === second[1])
  await page.locator('h1').first().waitFor()
  expect(await page.getByTestId('tenant').innerText()).toContain(second[0])
  for (const [move, shown, other] of [
    ['back', first, second],
    ['forward', second, first],
  ] as const) {
    await (move === 'back' ? page.goBack() : page.goForward())
    await page.waitForURL((url) => url.pathname === shown[1])
    await page.getByTestId('tenant').waitFor()
    await page.waitForLoadState('networkidle')
    expect(await page.getByTestId('tenant').innerText()).toContain(shown[0])
    expect(await page.locator('#content').innerText()).not.toContain(other[0])
  }
})

it('drops what was asked for before a switch of tenant, even when it comes after it', async () => {
  const { page, open } = await visitors.as('noah')
  await open('/')
  await page.getByTestId('tenant').click()
  const hrefs = await page
    .locator('[popover] a')
    .evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))
  const [first = '', second = ''] = hrefs
  const late: Promise<void>[] = []
  let expected: string | null = null
  await page.route('**/api/v1/events**', async (route) => {
    const header = route.request().headers()['watertight-expect-tenant'] ?? ''
    expected ??= header
    if (header === expected) await new Promise((resolve) => setTimeout(resolve, 3000))
    late.push(route.continue().catch(() => undefined))
  })
  await page.goto(`${first}events`, { waitUntil: 'commit' })
  await page.getByTestId('tenant').waitFor()
  await page.goto(second)
  await page.locator('h1').first().waitFor()
  await page.waitForTimeout(3500)
  await Promise.all(late)
  const name = await page.getByTestId('tenant').innerText()
  expect(page.url()).toContain(second)
  expect(await page.locator('h1').count()).toBe(1)
  expect(name).not.toBe('')
})

it('shows nothing of an answer that names another tenant', async () => {
  const { page, open, watch } = await visitors.as('greta')
  await open('/')
  const school = await schoolOf(page)
  const foreign = {
    items: [
      {
        id: '00000000-0000-4000-8000-000000000001',
        hostname: secret,
        displayName: secret,
        kind: 'camera',
        status: 'approved',
      },
    ],
    next: null,
  }
  const answer =
    (tenant: string | null) =>
    async (route: Route): Promise<void> => {
      const real = await route.fetch()
      const headers = { ...real.headers(), ...(tenant !== null && { 'watertight-tenant': tenant }) }
      await route.fulfill({ status: 200, headers, json: foreign })
    }
  await page.route('**/api/v1/assets?*', answer('7a1a1a1a-0000-4000-8000-000000000000'))
  await open(`${school}/assets`)
  await page.getByText('The answer was for somebody else').waitFor()
  expect(await textOf(page)).not.toContain(secret)
  // The same rows under the header of this tenant are shown: it is the guard that kept them away.
  await page.unroute('**/api/v1/assets?*')
  await page.route('**/api/v1/assets?*', answer(null))
  await open(`${school}/assets`)
  await page.getByRole('link', { name: secret }).waitFor()
  watch.clear()
})

it('shows nothing of tenant A when its address is opened by who left it', async () => {
  const { page, open } = await visitors.as('yuki')
  await open(`${security}/assets`)
  expect(await textOf(page)).not.toMatch(ofSecurity)
})
