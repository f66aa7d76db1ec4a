import { expect, it } from 'vitest'
import { accounts } from './accounts.js'
import { useBrowser } from './browser.js'
import { placesOf } from './places.js'
import { visitPlace } from './visit-place.js'

const visitors = useBrowser()

it.each(['ada', 'milan', 'sofia', 'greta', 'lea', 'omar'] as const)(
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
