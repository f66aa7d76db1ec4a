import { expect, it } from 'vitest'
import { accounts } from './accounts.js'
import { useBrowser } from './browser.js'
import { placesOf } from './places.js'
import { visitPlace } from './visit-place.js'

const visitors = useBrowser()

it.each(['helen', 'tomas', 'amara', 'yuki'] as const)(
  'shows %s every page of every place, or that the role does not reach it',
  async (account) => {
    const visitor = await visitors.as(account)
    await visitor.open('/')
    const problems: string[] = []
    for (const place of await placesOf(visitor.page)) {
      problems.push(...(await visitPlace(visitor, place)))
    }
    expect([accounts[account], ...problems]).toEqual([accounts[account]])
  },
  300_000,
)

it('shows the public pages without a sign-in', async () => {
  const visitor = await visitors.anybody()
  expect(await visitPlace(visitor, '/public/')).toEqual([])
  expect(visitor.page.url()).not.toContain('/oidc/')
}, 300_000)
