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

/** How long a page may take to settle, in milliseconds; what is wrong with it then is told by its test. */
const patience = 20_000

/**
 * Waits until the page has shown what it has to show: it has a heading, nothing is loading, and all of
 * that for a moment, because the page before stays until the next one is there.
 */
export async function settled({ page, watch }: Visitor): Promise<void> {
  const end = Date.now() + patience
  for (let calm = 0; calm < 4 && Date.now() < end;) {
    await page.waitForTimeout(40)
    const isLoading = watch.isLoading() || (await page.locator(loading).count()) > 0
    const hasHeading = (await page.locator('h1:visible').count()) > 0
    calm = isLoading || !hasHeading ? 0 : calm + 1
  }
}

const loading = '[aria-label^="Loading"], .mantine-Skeleton-root'
