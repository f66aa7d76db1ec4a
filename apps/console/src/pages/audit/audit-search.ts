/** Somebody whom `actor:` can name. */
export interface SearchActor {
  readonly id: string
  readonly names: readonly string[]
}

/** A typed search as the API's filters, and what of it could not be understood. */
export interface AuditSearch {
  readonly query: Readonly<Record<string, string>>
  readonly problems: readonly string[]
}

type Reading = Readonly<Record<string, string>> | string

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const token = /([a-z]+):(?:"([^"]*)"|(\S+))|"([^"]*)"|(\S+)/gi

/**
 * Reads qualifiers and free text.
 *
 * @example
 * parseAuditSearch('actor:ada target:asset after:2026-01-31 camera', actors)
 * // query: { actorId: '…', targetType: 'asset', from: '2026-01-31T…', search: 'camera' }
 */
export function parseAuditSearch(text: string, actors: readonly SearchActor[]): AuditSearch {
  const words: string[] = []
  const problems: string[] = []
  let query: Record<string, string> = {}
  for (const [whole, qualifier, quoted, plain, phrase, word] of text.matchAll(token)) {
    const reader = readers[qualifier?.toLowerCase() ?? '']
    if (reader === undefined) {
      words.push(qualifier === undefined ? (phrase ?? word ?? '') : whole)
      continue
    }
    const reading = reader(quoted ?? plain ?? '', actors)
    if (typeof reading === 'string') problems.push(reading)
    else query = { ...query, ...reading }
  }
  const search = words.join(' ').trim()
  return { query: search === '' ? query : { ...query, search }, problems }
}

/** What `actor:` names in a search and is no id, so that the members it can mean are asked for. */
export function actorsNamed(text: string): readonly string[] {
  return Array.from(text.matchAll(token)).flatMap(([, qualifier, quoted, plain]) => {
    const name = (quoted ?? plain ?? '').trim()
    const isName = qualifier?.toLowerCase() === 'actor' && name !== '' && !uuid.test(name)
    return isName ? [name] : []
  })
}

const readers: Readonly<
  Record<string, (value: string, actors: readonly SearchActor[]) => Reading>
> = {
  actor(value, actors) {
    if (uuid.test(value)) return { actorId: value.toLowerCase() }
    const wanted = value.toLowerCase()
    const exact = actors.filter(({ names }) => names.some((name) => name.toLowerCase() === wanted))
    const like = actors.filter(({ names }) =>
      names.some((name) => name.toLowerCase().includes(wanted)),
    )
    const found = exact.length > 0 ? exact : like
    if (found.length > 1) return `actor:${value} fits ${String(found.length)} members; say more.`
    const [actor] = found
    return actor === undefined
      ? `actor:${value} fits no member that you see; an id works as well.`
      : { actorId: actor.id }
  },
  action: (value) =>
    /^[a-z_]+(\.[a-z_]+)*$/.test(value)
      ? { action: value }
      : `action:${value} is no name of an action, such as asset.approve.`,
  target(value) {
    const [type = '', id] = value.split('/')
    if (id === undefined) return uuid.test(type) ? { targetId: type } : { targetType: type }
    return uuid.test(id) ? { targetType: type, targetId: id } : `target:${value} has no id.`
  },
  outcome: (value) =>
    ['allowed', 'denied', 'failed'].includes(value)
      ? { outcome: value }
      : `outcome:${value} is none of allowed, denied and failed.`,
  correlation: (value) =>
    uuid.test(value) ? { correlationId: value } : `correlation:${value} is no id.`,
  after: (value) => time(value, 'from', 'after'),
  before: (value) => time(value, 'to', 'before'),
}

/** A day begins at midnight of the reader's zone. */
function time(value: string, name: string, qualifier: string): Reading {
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00` : value)
  return Number.isNaN(date.getTime())
    ? `${qualifier}:${value} is no date, such as 2026-01-31.`
    : { [name]: date.toISOString() }
}
