import { placeOf } from '../session/place.js'
import { pageRoutes } from './page-routes.js'

/** Begins to load the module of the page at a path, while it is not known yet whether it may be shown. */
export function preloadPage(pathname: string): void {
  const { place, base } = placeOf(pathname)
  const below = segmentsOf(pathname.slice(base.length))
  const fitting = pageRoutes.filter(
    ({ places, path }) => places.includes(place.kind) && fits(segmentsOf(path), below),
  )
  const page = fitting.find(({ path }) => !path.includes('$')) ?? fitting[0]
  // What cannot be loaded is said where it is shown.
  page?.load().catch(() => undefined)
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((each, index) => each.startsWith('$') || each === segments[index])
  )
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '')
}
