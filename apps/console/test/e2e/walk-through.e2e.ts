import { expect, it } from 'vitest'
import { useBrowser } from './browser.js'
import { settled } from './places.js'

const visitors = useBrowser()

it('confirms tenant and session in the top bar, and shows data of that tenant alone', async () => {
  const visitor = await visitors.as('ada')
  const { page, open, watch } = visitor
  const answeredFor = new Set<string>()
  const expected = new Set<string>()
  page.on('response', (reply) => {
    const tenant = reply.headers()['watertight-tenant']
    if (tenant !== undefined) answeredFor.add(tenant)
    const asked = reply.request().headers()['watertight-expect-tenant']
    if (asked !== undefined) expected.add(asked)
  })
  await open('/')
  expect(new URL(page.url()).pathname).toBe('/t/northgate-security/all/')
  expect(await page.getByTestId('tenant').innerText()).toContain('Northgate Security')
  expect(await page.getByTestId('role').innerText()).toMatch(/tenant admin/i)
  expect(await page.getByTestId('remaining-time').innerText()).toMatch(/\d+ (h|min|s)/i)
  for (const name of ['Assets', 'Integrations', 'Audit', 'Compliance Evidence']) {
    await page.getByRole('link', { name, exact: true }).first().click()
    await page.getByRole('heading', { level: 1 }).filter({ hasText: name }).waitFor()
    await settled(visitor)
    const text = await page.locator('#content').innerText()
    expect([name, /Lindenhof|Harbour/.test(text)]).toEqual([name, false])
    expect(await page.locator('#content tbody tr').count()).toBeGreaterThan(0)
    expect(await page.title()).toContain('Northgate Security')
  }
  expect(answeredFor.size).toBe(1)
  expect(expected).toEqual(answeredFor)
  expect(watch.problems()).toEqual([])
})
