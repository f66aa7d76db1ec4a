import { expect, it } from 'vitest'
import { accounts } from './accounts.js'
import { useBrowser } from './browser.js'
import { placesOf } from './places.js'
import { visitPlace } from './visit-place.js'
import { pagesOf } from './walk-place.js'

const visitors = useBrowser()
const shown = new Set<string>()

it.each(['helen', 'tomas', 'amara', 'yuki'] as const)(
  'shows %s every page of every place, or that the role does not reach it',
  async (account) => {
    const visitor = await visitors.as(account)
    await visitor.open('/')
    const problems: string[] = []
    for (const place of await placesOf(visitor.page)) {
      problems.push(...(await visitPlace(visitor, place, shown)))
    }
    expect([accounts[account], ...problems]).toEqual([accounts[account]])
  },
  600_000,
)

it('shows the public pages without a sign-in', async () => {
  const visitor = await visitors.anybody()
  expect(await visitPlace(visitor, '/public/', shown)).toEqual([])
  expect(visitor.page.url()).not.toContain('/oidc/')
}, 600_000)

it('has shown each page of windows, the platform and the public to somebody', () => {
  expect(pagesOf('grant', 'platform', 'public').filter((page) => !shown.has(page))).toEqual([])
})

it('shows who belongs nowhere what they asked for', async () => {
  const { page, open, watch } = await visitors.as('yuki')
  await open('/')
  await page.getByRole('heading', { name: 'An organisation of your own' }).waitFor()
  await page.getByText('Tanaka Concerts').waitFor()
  await page.getByRole('button', { name: 'Take back …' }).click()
  await page.getByRole('dialog').waitFor()
  expect(watch.problems()).toEqual([])
})
