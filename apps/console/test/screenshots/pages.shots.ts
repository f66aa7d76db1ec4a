import { expect, it } from 'vitest'
import { useBrowser } from '../e2e/browser.js'
import { placesOf } from '../e2e/places.js'
import { walkPlace } from '../e2e/walk-place.js'
import { openAlbum } from './pictures.js'

const visitors = useBrowser()

/** Who shows which places: a role each, and the fewest who show every page with data. */
const looks = [
  { account: 'ada', place: /^\/t\// },
  { account: 'greta', place: /^\/t\//, only: /^\/(evaluat|assign|submis|result|ledger|$)/ },
  { account: 'omar', place: /^\/t\//, only: /^\/(events|integrations|deliver|files|$)/ },
  { account: 'lea', place: /^\/t\//, only: /^\/(assign|result|my|settings|events|isolation|$)/ },
  { account: 'sofia', place: /^\/t\//, only: /^\/(assets|audit|members|settings|$)/ },
  { account: 'helen', place: /^\/g\//, only: /^\/(assets|audit|members|evidence|isolation|$)/ },
  { account: 'tomas', place: /^\/g\//, only: /^\/(assets|audit|$)/ },
  { account: 'amara', place: /^\/platform/ },
] as const

it.each(looks)('takes the pages of $account', async (look) => {
  const { account, place } = look
  const album = openAlbum(account)
  const visitor = await visitors.as(account)
  await visitor.open('/')
  const at = (await placesOf(visitor.page)).find((each) => place.test(each))
  expect(at).toBeDefined()
  await walkPlace(visitor, at ?? '', async ({ path }) => {
    const isWanted = !('only' in look) || look.only.test(path)
    if (isWanted) await album.take(visitor.page, path.replaceAll(/[0-9a-f-]{36}/g, 'one'))
  })
  await album.bind(visitors.browser())
})

it('takes the public pages', async () => {
  const album = openAlbum('public')
  const visitor = await visitors.anybody()
  await walkPlace(visitor, '/public/', ({ path }) => album.take(visitor.page, path))
  await album.bind(visitors.browser())
  expect(album.count()).toBeGreaterThan(2)
})

it('takes what somebody sees who belongs nowhere', async () => {
  const album = openAlbum('yuki')
  const { page, open } = await visitors.as('yuki')
  for (const path of ['/', '/t/northgate-security/all/assets']) {
    await open(path)
    await page.waitForLoadState('networkidle')
    await album.take(page, path)
  }
  await album.bind(visitors.browser())
  expect(album.count()).toBe(2)
})
