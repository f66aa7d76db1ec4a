import { expect, it } from 'vitest'
import { useBrowser } from './browser.js'

const visitors = useBrowser()
const base = '/t/northgate-security/all'

it('tells who has just signed in and is refused, and does not send them around for ever', async () => {
  const { page } = await visitors.as('ada')
  let refusals = 0
  await page.route('**/api/v1/assets?*', async (route) => {
    refusals += 1
    await route.fulfill({
      status: 401,
      contentType: 'application/problem+json',
      body: JSON.stringify({ type: 'about:blank', title: 'Unauthorized', status: 401 }),
    })
  })
  await page.goto(`${base}/assets`)
  const alert = page.getByRole('alert')
  await alert.getByRole('heading', { name: 'You cannot be let in' }).waitFor()
  expect(await alert.innerText()).toContain('does not accept a sign-in that was made just now')
  expect(refusals).toBe(1)
})

it('keeps the name of an org unit within the page, however long, in any script', async () => {
  const { page, open } = await visitors.as('ada', { viewport: { width: 390, height: 844 } })
  await page.route('**/api/v1/org-units?*', async (route) => {
    const reply = await route.fetch()
    const body = (await reply.json()) as { items: { name: string; isHiddenRoot: boolean }[] }
    for (const unit of body.items) {
      if (!unit.isHiddenRoot) unit.name = `شركة الأمن ${'Verylongnamewithoutanyblank'.repeat(6)}`
    }
    await route.fulfill({ response: reply, json: body })
  })
  await open(`${base}/org-units`)
  await page.getByText('Verylongname').first().waitFor()
  const spill = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  expect(spill).toBe(0)
})
