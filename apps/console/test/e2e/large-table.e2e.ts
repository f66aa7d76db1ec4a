import { expect, it } from 'vitest'
import { useBrowser } from './browser.js'
import { tell } from './tell.js'

const visitors = useBrowser()
const count = 10_000

it('keeps a list of 10,000 rows in the document by the few that are seen', async () => {
  const { page, open, watch } = await visitors.as('ada')
  await page.route('**/api/v1/assets?*', async (route) => {
    const real = await route.fetch()
    const { items } = (await real.json()) as { items: readonly object[] }
    const many = Array.from({ length: count }, (_item, index) => ({
      ...items[0],
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      displayName: `asset ${String(index)}`,
    }))
    await route.fulfill({ response: real, json: { items: many, next: null } })
  })
  await open('/t/northgate-security/all/assets')
  await page.getByRole('link', { name: 'asset 0', exact: true }).waitFor()
  expect(await page.locator('table').getAttribute('aria-rowcount')).toBe(String(count + 1))
  const worst = await page.evaluate(async () => {
    let longest = 0
    let before = performance.now()
    for (let step = 0; step < 60; step += 1) {
      window.scrollBy(0, 600)
      await new Promise((resolve) => requestAnimationFrame(resolve))
      longest = Math.max(longest, performance.now() - before)
      before = performance.now()
    }
    return { longest, rows: document.querySelectorAll('tbody tr').length }
  })
  tell(`longest frame while scrolling: ${worst.longest.toFixed(0)} ms`)
  expect(worst.rows).toBeLessThan(120)
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
  await page.getByRole('link', { name: `asset ${String(count - 1)}`, exact: true }).waitFor()
  expect(await page.locator('tbody tr').count()).toBeLessThan(120)
  await page.evaluate(() => window.scrollTo(0, 0))
  const sorted = page.waitForRequest((request) => request.url().includes('sort=displayName'))
  await page.getByRole('button', { name: 'Name', exact: true }).click()
  await sorted
  await page
    .getByRole('columnheader', { name: 'Name', exact: true })
    .and(page.locator('[aria-sort=ascending]'))
    .waitFor()
  expect(watch.problems()).toEqual([])
})
