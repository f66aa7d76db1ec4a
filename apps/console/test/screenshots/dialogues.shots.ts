import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { useBrowser } from '../e2e/browser.js'
import { settled } from '../e2e/places.js'
import { openAlbum } from './pictures.js'

const visitors = useBrowser()
const northgate = '/t/northgate-security/all'

const press = async (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name }).first().click()

/** What opens over a page, by the page and how it is opened. */
const dialogues: readonly (readonly [
  name: string,
  path: string,
  open: (page: Page) => Promise<void>,
])[] = [
  ['form', '/assets', (page) => press(page, 'Enter an asset')],
  ['form-of-choices', '/api-keys', (page) => press(page, 'Make an API key')],
  ['confirm', '/api-keys', (page) => press(page, /^Revoke /)],
  ['columns', '/assets', (page) => press(page, 'Columns')],
  ['nothing-fits', '/assets?search=nosuchthing', async () => undefined],
  ['no-such-object', '/assets/00000000-0000-4000-8000-00000000dead', async () => undefined],
  ['entry', '/audit', (page) => page.locator('tbody button').first().click()],
  ['chain', '/audit', (page) => press(page, 'Verify the chain')],
  ['places', '/', (page) => page.getByTestId('tenant').click()],
  ['units', '/', (page) => page.getByTestId('org-unit').click()],
  ['account', '/', (page) => page.getByTestId('account').click()],
  ['palette', '/', (page) => page.keyboard.press('Control+K')],
]

it('takes what opens over pages', async () => {
  const album = openAlbum('over')
  const visitor = await visitors.as('ada')
  const { page, open } = visitor
  for (const [name, path, show] of dialogues) {
    await open(northgate + path)
    await settled(visitor)
    await show(page)
    await settled(visitor)
    await album.take(page, name)
  }
  await page.setViewportSize({ width: 390, height: 900 })
  await open(`${northgate}/`)
  await press(page, 'Open the navigation')
  await album.take(page, 'navigation')
  await album.bind(visitors.browser())
  expect(album.count()).toBe(dialogues.length + 1)
})

it('takes a page that the server cannot fill', async () => {
  const album = openAlbum('trouble')
  const visitor = await visitors.as('ada')
  const { page, open } = visitor
  const problem = {
    status: 500,
    code: 'INTERNAL',
    title: 'Something went wrong',
    detail: 'Try it later.',
  }
  await page.route('**/api/v1/assets**', (route) => route.fulfill({ status: 500, json: problem }))
  for (const path of ['/assets', '/assets/00000000-0000-4000-8000-00000000dead']) {
    await open(northgate + path)
    await settled(visitor)
    await album.take(page, path)
  }
  await album.bind(visitors.browser())
  expect(album.count()).toBe(2)
})

it('takes the proof of isolation, and why a row is seen', async () => {
  const album = openAlbum('isolation')
  const visitor = await visitors.as('amara')
  const { page, open } = visitor
  await open('/platform/isolation')
  await settled(visitor)
  await press(page, 'Check now')
  await page.getByRole('button', { name: 'Check now', disabled: true }).waitFor()
  await album.take(page, 'running')
  const done = page.getByRole('button', { name: 'Check now', disabled: false })
  await done.waitFor({ timeout: 400_000 })
  await open('/platform/isolation')
  await settled(visitor)
  await album.take(page, 'matrix')
  await page.locator('tbody button').first().click()
  await settled(visitor)
  await album.take(page, 'cell')
  for (const tab of ['findings', 'coverage', 'history']) {
    await open(`/platform/isolation?tab=${tab}`)
    await settled(visitor)
    await album.take(page, tab)
  }
  const ada = await visitors.as('ada')
  await ada.open(`${northgate}/assets`)
  const href = await ada.page.getByRole('link', { name: 'camera-7' }).getAttribute('href')
  const id = href?.split('/').at(-1) ?? ''
  expect(id).not.toBe('')
  await ada.open(`${northgate}/isolation/explain?table=sec.assets&id=${id}`)
  await settled(ada)
  await album.take(ada.page, 'explained')
  await album.bind(visitors.browser())
})
