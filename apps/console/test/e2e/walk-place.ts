import { pageRoutes } from '../../src/pages/page-routes.js'
import type { PageRoute } from '../../src/pages/page-route.js'
import type { Visitor } from './browser.js'
import { go, settled } from './places.js'

/** What a place is, as routes name it. */
export type PlaceKind = PageRoute['places'][number]

const kinds: Readonly<Record<string, PlaceKind>> = {
  t: 'member',
  g: 'grant',
  platform: 'platform',
  public: 'public',
}

/** A page that was gone to. */
export interface SeenPage {
  readonly route: PageRoute
  readonly kind: PlaceKind
  /** Below the base of the place. */
  readonly path: string
  readonly base: string
}

/** How a page of a kind of place is called in what tests tell. */
export function pageKey(kind: PlaceKind, { path }: PageRoute): string {
  return `${kind} ${path}`
}

/** Every page of places of these kinds, as {@link pageKey} calls it. */
export function pagesOf(...wanted: readonly PlaceKind[]): readonly string[] {
  return wanted.flatMap((kind) =>
    pageRoutes.filter(({ places }) => places.includes(kind)).map((route) => pageKey(kind, route)),
  )
}

/**
 * Goes to every page of a place that stands by itself, and to the first object of each kind that those
 * pages link to; `look` is called on each once it has settled.
 */
export async function walkPlace(
  visitor: Visitor,
  place: string,
  look: (seen: SeenPage) => Promise<void>,
): Promise<void> {
  const { page, open } = visitor
  const base = place.replace(/\/$/, '')
  const kind = kinds[place.split('/')[1] ?? '']
  if (kind === undefined) throw new Error(`${place} is no place`)
  const routes = pageRoutes.filter(({ places }) => places.includes(kind))
  const standing = routes.filter(({ path }) => !path.includes('$'))
  const ofObjects = routes.filter(({ path }) => path.includes('$'))
  const objects = new Map<PageRoute, string>()
  await open(place)
  const visit = async (route: PageRoute, path: string): Promise<void> => {
    await go(page, base, path)
    await settled(visitor)
    await look({ route, kind, path, base })
    const links = await page
      .locator('#content a[href], main a[href]')
      .evaluateAll((all) => all.map((link) => new URL((link as HTMLAnchorElement).href).pathname))
    for (const object of ofObjects) {
      if (objects.has(object)) continue
      const pattern = new RegExp(`^${base}${object.path.replaceAll(/\$\w+/g, '[^/?#]+')}$`)
      const link = links.find(
        (each) => pattern.test(each) && !standing.some(({ path: own }) => base + own === each),
      )
      if (link !== undefined) objects.set(object, link.slice(base.length))
    }
  }
  for (const route of standing) await visit(route, route.path)
  // Pages of objects add those that they link to while they are gone through.
  for (const [route, path] of objects) await visit(route, path)
}
