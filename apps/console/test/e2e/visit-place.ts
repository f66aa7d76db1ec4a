import { pageRoutes } from '../../src/pages/page-routes.js'
import type { PageRoute } from '../../src/pages/page-route.js'
import type { Visitor } from './browser.js'
import { go, settled } from './places.js'

type Kind = PageRoute['places'][number]

const kinds: Readonly<Record<string, Kind>> = {
  t: 'member',
  g: 'grant',
  platform: 'platform',
  public: 'public',
}

/** Pages of a place that stand by themselves. */
function pagesAt(place: string): readonly PageRoute[] {
  const kind = kinds[place.split('/')[1] ?? '']
  return pageRoutes.filter(
    ({ path, places }) => kind !== undefined && places.includes(kind) && !path.includes('$'),
  )
}

/** What is wrong with a page that was just gone to, as lines. */
async function judge({ page, watch }: Visitor, where: string): Promise<readonly string[]> {
  const found = watch.problems().map((problem) => `${where}: ${problem}`)
  watch.clear()
  const headings = await page.locator('h1:visible').allInnerTexts()
  if (headings.length !== 1)
    found.push(`${where}: has ${String(headings.length)} h1: ${headings.join(' | ')}`)
  const text = await page.locator('body').innerText()
  if (/cannot be reached|went wrong|\bundefined\b|\[object Object\]|Invalid Date/.test(text)) {
    found.push(
      `${where}: shows ${/.*(cannot be reached|went wrong|\bundefined\b|\[object Object\]|Invalid Date).*/.exec(text)?.[0] ?? ''}`,
    )
  }
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
  if (isWide) found.push(`${where}: is wider than the window`)
  return found
}

/** The first object that a list links to, for each page of one object. */
async function objectsOn(
  { page }: Visitor,
  base: string,
  place: string,
): Promise<readonly string[]> {
  const kind = kinds[place.split('/')[1] ?? '']
  const patterns = pageRoutes
    .filter(({ path, places }) => path.includes('$') && kind !== undefined && places.includes(kind))
    .map(({ path }) => new RegExp(`^${base}${path.replaceAll(/\$\w+/g, '[^/?#]+')}$`))
  const links = await page
    .locator('#content a[href], main a[href]')
    .evaluateAll((all) => all.map((link) => new URL((link as HTMLAnchorElement).href).pathname))
  const exact = new Set(pagesAt(place).map(({ path }) => base + path))
  return patterns.flatMap((pattern) => {
    const link = links.find((each) => pattern.test(each) && !exact.has(each))
    return link === undefined ? [] : [link.slice(base.length)]
  })
}

/**
 * Goes to every page of a place, and to the first object of each kind that its lists link to. Tells what
 * is wrong with them, as lines.
 */
export async function visitPlace(visitor: Visitor, place: string): Promise<readonly string[]> {
  const { page, open } = visitor
  const base = place.replace(/\/$/, '')
  const problems: string[] = []
  const objects = new Set<string>()
  await open(place)
  const visit = async (path: string): Promise<void> => {
    await go(page, base, path)
    await settled(visitor)
    problems.push(...(await judge(visitor, `${base}${path}`)))
    for (const object of await objectsOn(visitor, base, place)) {
      const shape = object.replaceAll(/[0-9a-f-]{36}|\d+/g, '*')
      if (![...objects].some((seen) => seen.replaceAll(/[0-9a-f-]{36}|\d+/g, '*') === shape))
        objects.add(object)
    }
  }
  for (const { path } of pagesAt(place)) await visit(path)
  for (const object of objects) await visit(object)
  return problems
}
