import { expect, it } from 'vitest'
import { useBrowser } from './browser.js'

const visitors = useBrowser()

it('signs in and shows the tenant, its role and its assets', async () => {
  const { page, open, watch } = await visitors.as('ada')
  await open('/')
  expect(new URL(page.url()).pathname).toBe('/t/northgate-security/all/')
  expect(await page.getByTestId('tenant').innerText()).toContain('Northgate Security')
  expect(await page.getByTestId('role').innerText()).toMatch(/tenant admin/i)
  await page.getByRole('link', { name: 'Assets', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Assets' }).waitFor()
  await page.getByRole('link', { name: 'camera-7' }).waitFor()
  expect(watch.problems()).toEqual([])
})
