import type { Place } from '../../session/place.js'

/**
 * The path of a route of the isolation pages. Platform staff read the same replies under a prefix of
 * their own, so the tenant's path types both.
 *
 * @example
 * isolationPath({ kind: 'platform' }, '/api/v1/isolation/runs') // '/api/v1/platform/isolation/runs'
 */
export function isolationPath<Path extends `/api/v1/isolation/${string}`>(
  place: Place,
  path: Path,
): Path {
  if (place.kind !== 'platform') return path
  return path.replace('/api/v1/isolation/', '/api/v1/platform/isolation/') as Path
}
