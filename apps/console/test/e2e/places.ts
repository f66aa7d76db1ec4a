import type { Page } from 'playwright-core'
import type { Visitor } from './browser.js'

/** Paths of every place that the signed-in person may go to, as the switcher lists them. */
export async function placesOf(page: Page): Promise<readonly string[]> {
  const tenant = page.getByTestId('tenant')
  // Who belongs nowhere has no switcher.
  if ((await tenant.count()) === 0) return []
  await tenant.click()
  const links = page.locator('[popover] a')
  await links.first().waitFor()
  const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))
  await page.keyboard.press('Escape')
  return paths
}

/** Goes to another page of the place without a new document. */
export async function go(page: Page, base: string, path: string): Promise<void> {
  await page.evaluate((to) => history.pushState({}, '', to), `${base}${path}`)
  await page.waitForURL((url) => url.pathname === `${base}${path}`)
}

/** Waits until the page has shown what it has to show: nothing is loading, and nothing was for a moment. */
export async function settled({ page, watch }: Visitor): Promise<void> {
  await page.locator('h1').first().waitFor()
  for (let calm = 0; calm < 2;) {
    await page.waitForTimeout(40)
    const isLoading = watch.isLoading() || (await page.locator(loading).count()) > 0
    calm = isLoading ? 0 : calm + 1
  }
}

const loading = '[aria-label^="Loading"], .mantine-Skeleton-root'
