/**
 * Where a document stands: the URL names the tenant and the org unit, or the access grant, and a
 * document never changes it. Going to another place loads another document, so that nothing of one
 * tenant — cache, request in flight, form — is there when another is shown.
 */
export type Place =
  | { readonly kind: 'member'; readonly tenant: string; readonly orgUnitId: string | null }
  | { readonly kind: 'grant'; readonly grantId: string }
  | { readonly kind: 'platform' }
  | { readonly kind: 'public' }
  | { readonly kind: 'invitation' }
  | { readonly kind: 'start' }

/** A place with the part of the path that names it; pages come after it. */
export interface PlacedUrl {
  readonly place: Place
  readonly base: string
}

/** Stands in the path for all org units that the member sees. */
const wholeTenant = 'all'

/**
 * Reads a path.
 *
 * @example
 * placeOf('/t/northgate/all/assets') // { place: { kind: 'member', tenant: 'northgate', … }, base: '/t/northgate/all' }
 */
export function placeOf(pathname: string): PlacedUrl {
  const [, first = '', second, third] = pathname.split('/').map(decode)
  if (first === 't' && second !== undefined && second !== '') {
    const orgUnitId = third === undefined || third === '' || third === wholeTenant ? null : third
    const place: Place = { kind: 'member', tenant: second, orgUnitId }
    return { place, base: baseOf(place) }
  }
  if (first === 'g' && second !== undefined && second !== '') {
    return {
      place: { kind: 'grant', grantId: second },
      base: baseOf({ kind: 'grant', grantId: second }),
    }
  }
  if (first === 'platform') return { place: { kind: 'platform' }, base: '/platform' }
  if (first === 'public') return { place: { kind: 'public' }, base: '/public' }
  if (first === 'invitation') return { place: { kind: 'invitation' }, base: '/invitation' }
  return { place: { kind: 'start' }, base: '/' }
}

/** The path of a place, without a slash at the end. */
export function baseOf(place: Place): string {
  switch (place.kind) {
    case 'member':
      return `/t/${encodeURIComponent(place.tenant)}/${encodeURIComponent(place.orgUnitId ?? wholeTenant)}`
    case 'grant':
      return `/g/${encodeURIComponent(place.grantId)}`
    case 'platform':
      return '/platform'
    case 'public':
      return '/public'
    case 'invitation':
      return '/invitation'
    case 'start':
      return '/'
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
