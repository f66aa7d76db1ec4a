import type { Account } from './accounts.js'
import { addressOf } from './accounts.js'
import type { Visitors } from './browser.js'

/** Has staff make a tenant in the console; the token of the invitation of its administrator. */
export async function makeTenant(
  visitors: Visitors,
  { name, slug, administrator }: Record<'name' | 'slug', string> & { administrator: Account },
): Promise<string> {
  const { page, open } = await visitors.as('amara')
  await open('/platform/')
  await page.getByRole('button', { name: 'Make a tenant' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel(/^Name \*|^Name$/).fill(name)
  await form.getByLabel(/^Name in the address/).fill(slug)
  await form.getByLabel(/^Address of the first/).fill(addressOf(administrator))
  await form.getByRole('button', { name: 'Make', exact: true }).click()
  return page.getByTestId('secret').innerText()
}
