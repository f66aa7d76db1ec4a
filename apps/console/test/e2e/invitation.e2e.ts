import { expect, it } from 'vitest'
import { addressOf } from './accounts.js'
import type { Account } from './accounts.js'
import { axeOf } from './axe.js'
import type { Visitor } from './browser.js'
import { useBrowser } from './browser.js'
import { makeTenant } from './make-tenant.js'
import { settled } from './places.js'

const visitors = useBrowser()
const nothing = 'This invitation opens nothing'

async function isSound(visitor: Visitor): Promise<void> {
  await settled(visitor)
  expect(await axeOf(visitor.page)).toEqual([])
  expect(visitor.watch.problems()).toEqual([])
}

/** Where the link of an invitation leads somebody. */
async function opened(account: Account, token: string): Promise<Visitor> {
  const visitor = await visitors.as(account)
  await visitor.open(`/invitation#${token}`)
  return visitor
}

it('lets who was invited, and nobody else, look at an invitation and accept it once', async () => {
  const slug = `zonal-${Date.now().toString(36)}`
  const name = `Zonal ${slug.slice(6)}`
  const token = await makeTenant(visitors, { name, slug, administrator: 'jonas' })

  const other = await opened('lea', token)
  await other.page.getByText(nothing).waitFor()
  expect(await other.page.locator('body').innerText()).not.toMatch(/Zonal|jonas/)
  await isSound(other)

  const invited = await opened('jonas', token)
  const { page } = invited
  await page.getByText('You are invited to work in').waitFor()
  await page.getByText(addressOf('jonas')).waitFor()
  await isSound(invited)
  await page.getByRole('button', { name: 'Do not accept' }).click()
  await page.getByText('You did not accept').waitFor()
  await isSound(invited)
  await page.reload()
  await page.getByRole('button', { name: 'Accept', exact: true }).click()
  await page.getByText(`You are a member of ${name}`).waitFor()
  await isSound(invited)
  await page.getByRole('link', { name: /^Open / }).click()
  await page.waitForURL(`**/t/${slug}/all/**`)

  const again = await opened('jonas', token)
  await again.page.getByText(nothing).waitFor()
  await again.page.getByRole('button', { name: 'Try another token' }).click()
  await again.page.getByLabel(/^Token/).fill('no-such-token')
  await again.page.getByRole('button', { name: 'Look at it' }).click()
  await again.page.getByText(nothing).waitFor()
  await isSound(again)
})
