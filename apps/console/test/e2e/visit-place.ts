import type { Page } from 'playwright-core'
import type { Visitor } from './browser.js'
import { pageKey, walkPlace } from './walk-place.js'

const mishap = /cannot be reached|went wrong|\bundefined\b|\bnull\b|\[object Object\]|Invalid Date/

/** What a page says by itself: its text without code, which quotes words of others. */
function ownText(page: Page): Promise<string> {
  return page.evaluate(() => {
    const code = [...document.querySelectorAll<HTMLElement>('pre, code')]
    const before = code.map((each) => each.style.display)
    for (const each of code) each.style.setProperty('display', 'none')
    const text = document.body.innerText
    code.forEach((each, index) => each.style.setProperty('display', before[index] ?? ''))
    return text
  })
}

/** What is wrong with a page that was just gone to, as lines. */
async function judge({ page, watch }: Visitor, where: string): Promise<readonly string[]> {
  const found = watch.problems().map((problem) => `${where}: ${problem}`)
  watch.clear()
  const headings = await page.locator('h1:visible').allInnerTexts()
  if (headings.length !== 1)
    found.push(`${where}: has ${String(headings.length)} h1: ${headings.join(' | ')}`)
  const text = await ownText(page)
  const line = text.split('\n').find((each) => mishap.test(each))
  if (line !== undefined) found.push(`${where}: shows ${line}`)
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
  if (isWide) found.push(`${where}: is wider than the window`)
  return found
}

/**
 * Goes to every page of a place, and to the first object of each kind that its lists link to. Tells what
 * is wrong with them, as lines; adds the pages that were shown, and not refused to the role, to `shown`.
 */
export async function visitPlace(
  visitor: Visitor,
  place: string,
  shown: Set<string> = new Set(),
): Promise<readonly string[]> {
  const problems: string[] = []
  await walkPlace(visitor, place, async ({ route, kind, path, base }) => {
    problems.push(...(await judge(visitor, `${base}${path}`)))
    const refused = visitor.page.getByText('Your role does not reach this')
    if ((await refused.count()) === 0) shown.add(pageKey(kind, route))
  })
  return problems
}
