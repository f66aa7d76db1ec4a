import { describe, expect, it } from 'vitest'
import { useBrowser } from './browser.js'

const visitors = useBrowser()
const base = '/t/northgate-security/all'

describe('the shell', () => {
  it('is used by keyboard: skip link, palette, focus on the heading of the next page, Escape', async () => {
    const { page, open } = await visitors.as('ada')
    await open(`${base}/`)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(
      'Skip to the content',
    )
    await page.keyboard.press('Control+K')
    await page.getByRole('combobox').fill('assets')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Assets' }).waitFor()
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1')
    await page.keyboard.press('Control+K')
    await page.getByRole('dialog', { name: 'Go to' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Go to' }).waitFor({ state: 'detached' })
    await page.getByTestId('tenant').focus()
    await page.keyboard.press('Enter')
    await page.locator('[popover] a').first().waitFor()
    await page.keyboard.press('Escape')
    await page.locator('[popover] a').first().waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe(
      'tenant',
    )
  })

  it('goes to an org unit as another document, and shows the units as a tree', async () => {
    const { page, open } = await visitors.as('ada')
    await open(`${base}/assets`)
    await page.getByTestId('org-unit').click()
    const links = page.locator('[popover] a')
    await links.first().waitFor()
    const indents = await links.evaluateAll((all) =>
      all.map((link) => Number.parseFloat(getComputedStyle(link).paddingInlineStart)),
    )
    expect(new Set(indents).size).toBeGreaterThan(1)
    const href = (await links.last().getAttribute('href')) ?? ''
    await links.last().click()
    await page.waitForURL((url) => url.pathname === href)
    await page.getByTestId('org-unit').waitFor()
    expect(href).toMatch(/^\/t\/northgate-security\/[0-9a-f-]{36}\/$/)
  })

  it('has no switcher of org units where there is one unit', async () => {
    const { page, open } = await visitors.as('ines')
    await open('/')
    await page.getByTestId('tenant').waitFor()
    expect(await page.getByTestId('org-unit').count()).toBe(0)
  })

  it.each(['helen', 'tomas'] as const)(
    'cannot be taken for the tenant itself in the window of %s',
    async (account) => {
      const { page, open } = await visitors.as(account)
      await open('/')
      await page.getByTestId('tenant').click()
      await page.locator('[popover] a[href^="/g/"]').first().click()
      await page.waitForURL(/\/g\//)
      await page.getByTestId('mode-banner').waitFor()
      const frame = await page.evaluate(() => {
        const shell = document.querySelector('[data-mode]')
        return shell === null ? '' : getComputedStyle(shell, '::after').borderTopWidth
      })
      expect(frame).toBe('4px')
      expect(await page.getByTestId('remaining-time').innerText()).toMatch(/\d/)
    },
  )

  it.each([390, 320])(
    'shows tenant, role and time at a width of %i, and needs no sideways scrolling',
    async (width) => {
      const { page, open } = await visitors.as('ada', { viewport: { width, height: 800 } })
      for (const path of ['/', '/assets', '/audit']) {
        await open(base + path)
        await page.waitForLoadState('networkidle')
        for (const id of ['tenant', 'role', 'remaining-time', 'account']) {
          const box = await page.getByTestId(id).boundingBox()
          expect([id, box !== null && box.x >= 0 && box.x + box.width <= width]).toEqual([id, true])
        }
        const wide = await page.evaluate(() => document.documentElement.scrollWidth)
        expect([path, wide]).toEqual([path, width])
      }
      await page.getByRole('button', { name: 'Open the navigation' }).click()
      await page.getByRole('link', { name: 'Alerts', exact: true }).click()
      await page.getByRole('heading', { level: 1, name: 'Alerts' }).waitFor()
    },
  )

  it('keeps the colours that somebody chose', async () => {
    const { page, open } = await visitors.as('ada', { colorScheme: 'light' })
    await open(`${base}/`)
    await page.getByTestId('account').click()
    await page.getByLabel('Colours').selectOption('dark')
    const scheme = (): Promise<string | null> =>
      page.locator('html').getAttribute('data-mantine-color-scheme')
    expect(await scheme()).toBe('dark')
    await open(`${base}/assets`)
    expect(await scheme()).toBe('dark')
  })
})
