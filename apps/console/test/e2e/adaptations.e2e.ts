import { describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { useBrowser } from './browser.js'

const visitors = useBrowser()
const base = '/t/northgate-security/all'

/** Tells the page that it goes into the cache of left pages, or comes out of it. */
async function transit(
  page: Page,
  type: 'pagehide' | 'pageshow',
  isCached: boolean,
): Promise<void> {
  await page.evaluate(
    ([name, persisted]) => window.dispatchEvent(new PageTransitionEvent(name, { persisted })),
    [type, isCached] as const,
  )
}

describe('a page that is left and shown again from the cache of the browser', () => {
  it('keeps nothing of the tenant, and starts anew', async () => {
    const { page, open } = await visitors.as('ada')
    await open(`${base}/assets`)
    await page.getByRole('link', { name: 'camera-7' }).waitFor()
    await transit(page, 'pagehide', true)
    expect(await page.locator('body').innerText()).not.toMatch(/camera-7|Northgate/)
    const reloaded = page.waitForEvent('load')
    await transit(page, 'pageshow', true)
    await reloaded
    await page.getByRole('link', { name: 'camera-7' }).waitFor()
  })

  it('is left alone where the browser does not keep it', async () => {
    const { page, open } = await visitors.as('ada')
    await open(`${base}/assets`)
    await page.getByRole('link', { name: 'camera-7' }).waitFor()
    await page.evaluate(() => Object.assign(globalThis, { isSameDocument: true }))
    await transit(page, 'pagehide', false)
    await transit(page, 'pageshow', false)
    expect(await page.getByRole('link', { name: 'camera-7' }).count()).toBe(1)
    expect(await page.evaluate(() => 'isSameDocument' in globalThis)).toBe(true)
  })
})

describe('with forced colours', () => {
  it.each(['helen', 'tomas'] as const)('the frame and the banner of %s stay', async (account) => {
    const { page, open } = await visitors.as(account, { forcedColors: 'active' })
    await open('/')
    await page.getByTestId('tenant').click()
    await page.locator('[popover] a[href^="/g/"]').first().click()
    const banner = page.getByTestId('mode-banner')
    await banner.waitFor()
    expect(await banner.innerText()).toMatch(/^(Auditor of|Platform support in) /)
    const drawn = await page.evaluate(() => {
      const borderOf = (element: Element | null, part?: string): string => {
        if (element === null) return 'none'
        const { borderTopWidth, borderTopStyle, borderTopColor } = getComputedStyle(element, part)
        return [borderTopWidth, borderTopStyle, borderTopColor].join(' ')
      }
      return {
        isForced: matchMedia('(forced-colors: active)').matches,
        frame: borderOf(document.querySelector('[data-mode]'), '::after'),
        banner: borderOf(document.querySelector('[data-testid=mode-banner]')),
      }
    })
    expect(drawn.isForced).toBe(true)
    expect(drawn.frame).toMatch(/^4px solid rgb\(/)
    expect(drawn.banner).toMatch(/^[1-9]\d*px solid rgb\(/)
  })

  it('the focus is seen on links, buttons and fields', async () => {
    const { page, open } = await visitors.as('ada', { forcedColors: 'active' })
    await open(`${base}/assets`)
    await page.getByRole('link', { name: 'camera-7' }).waitFor()
    const seen = new Map<string, string>()
    for (let step = 0; step < 60 && seen.size < 4; step += 1) {
      await page.keyboard.press('Tab')
      const [tag, outline] = await page.evaluate(() => {
        const focused = document.activeElement ?? document.body
        const { outlineStyle, outlineWidth } = getComputedStyle(focused)
        return [focused.tagName, `${outlineStyle} ${outlineWidth}`] as const
      })
      if (!seen.has(tag) || outline !== 'solid 2px') seen.set(tag, outline)
    }
    expect(Object.fromEntries(seen)).toMatchObject({
      A: 'solid 2px',
      BUTTON: 'solid 2px',
      INPUT: 'solid 2px',
      SELECT: 'solid 2px',
    })
  })
})

it('moves nothing for who wants no motion', async () => {
  const { page, open } = await visitors.as('ada', { reducedMotion: 'reduce' })
  await open(`${base}/assets`)
  const moving = (): Promise<readonly string[]> =>
    page.evaluate(() =>
      [...document.querySelectorAll('*')].flatMap((element) => {
        const { animationName, animationDuration, transitionDuration, transitionProperty } =
          getComputedStyle(element)
        const last = (list: string): number =>
          Math.max(...list.split(', ').map((each) => Number.parseFloat(each)))
        const isAnimated = animationName !== 'none' && last(animationDuration) > 0.001
        const isMoved = transitionProperty !== 'none' && last(transitionDuration) > 0.001
        return isAnimated || isMoved ? [element.outerHTML.slice(0, 120)] : []
      }),
    )
  expect(await moving()).toEqual([])
  await page.getByRole('button', { name: 'Enter an asset' }).click()
  await page.getByRole('dialog').waitFor()
  expect(await moving()).toEqual([])
})
