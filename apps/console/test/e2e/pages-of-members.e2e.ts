import { expect, it } from 'vitest'
import { accounts } from './accounts.js'
import { useBrowser } from './browser.js'
import { placesOf } from './places.js'
import { visitPlace } from './visit-place.js'
import { pagesOf } from './walk-place.js'

const visitors = useBrowser()
const shown = new Set<string>()
/** Pages that nothing links to: who starts a test is led there, as in events-and-evaluations. */
const entered = ['member /assignments/sessions/$sessionId']

it.each(['ada', 'milan', 'sofia', 'greta', 'lea', 'omar'] as const)(
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

it('has shown each page of members to one of them', () => {
  const unseen = pagesOf('member').filter((page) => !shown.has(page) && !entered.includes(page))
  expect(unseen).toEqual([])
})
