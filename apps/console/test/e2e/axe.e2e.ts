import { describe, expect, it } from 'vitest'
import { pageRoutes } from '../../src/pages/page-routes.js'
import { axeOf } from './axe.js'
import { useBrowser } from './browser.js'
import { go, settled } from './places.js'

const visitors = useBrowser()
const schemes = ['light', 'dark'] as const

const standing = pageRoutes.filter(({ path }) => !path.includes('$'))
const pathsOf = (kind: 'member' | 'platform' | 'public'): readonly string[] =>
  standing.filter(({ places }) => places.includes(kind)).map(({ path }) => path)

describe.each(schemes)('in %s colours', (colorScheme) => {
  it.each([
    ['member', 'ada', '/t/northgate-security/all'],
    ['member', 'greta', '/t/lindenhof-school/all'],
    ['platform', 'amara', '/platform'],
  ] as const)(
    'axe finds nothing on any page of the %s %s',
    async (kind, account, base) => {
      const visitor = await visitors.as(account, { colorScheme })
      const { page, open } = visitor
      await open(`${base}/`)
      const found: string[] = []
      for (const path of pathsOf(kind)) {
        await go(page, base, path)
        await settled(visitor)
        found.push(...(await axeOf(page)).map((line) => `${path}: ${line}`))
      }
      expect(found).toEqual([])
    },
    300_000,
  )

  it('axe finds nothing on the public pages', async () => {
    const visitor = await visitors.anybody({ colorScheme })
    const { page, open } = visitor
    const found: string[] = []
    await open('/public/')
    for (const path of pathsOf('public')) {
      await go(page, '/public', path)
      await settled(visitor)
      found.push(...(await axeOf(page)).map((line) => `${path}: ${line}`))
    }
    expect(found).toEqual([])
  }, 300_000)

  it('axe finds nothing in the window of an auditor, the switchers and the palette', async () => {
    const { page, open } = await visitors.as('helen', { colorScheme })
    await open('/')
    await page.getByTestId('mode-banner').waitFor()
    const found = [...(await axeOf(page))]
    await page.getByTestId('tenant').click()
    found.push(...(await axeOf(page)))
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+K')
    await page.getByRole('combobox').waitFor()
    found.push(...(await axeOf(page)))
    expect(found).toEqual([])
  })
})
