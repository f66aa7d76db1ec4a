import type { Random } from '../../../../test/random.js'
import { knownBodies } from '../endpoint-coverage/known-bodies.js'
import type { Actor } from './actors.js'
import { actors, admins, nobody } from './actors.js'
import type { ApiOperation } from './api-operations.js'
import {
  hostileTexts,
  hostileValues,
  oddBodies,
  oddHeaders,
  oddPaths,
  unknownNames,
} from './hostile-values.js'
import { isRecord } from './json-schema.js'
import type { KnownValues } from './known-values.js'
import type { ValueSource } from './schema-values.js'
import { valueOf } from './schema-values.js'

/** A request as it goes over the wire. */
export interface FuzzRequest {
  readonly operation: ApiOperation
  readonly actor: Actor
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

type Change = (draft: Draft, random: Random) => void

interface Draft {
  method: string
  path: string
  query: [string, string][]
  headers: Record<string, string>
  body: unknown
  /** Sent instead of `body`. */
  raw: string | null
}

/** What makes a request that fits the document one that nearly does. */
const changes: readonly Change[] = [
  (draft, random) => {
    draft.body = changedSomewhere(draft.body, random)
  },
  (draft, random) => {
    draft.body = changedSomewhere(draft.body, random)
  },
  (draft, random) => {
    if (!isRecord(draft.body)) return
    const value = random.pick(hostileValues)
    draft.body = Object.fromEntries([
      ...Object.entries(draft.body),
      [random.pick(unknownNames), value],
    ])
  },
  (draft, random) => {
    if (!isRecord(draft.body)) return
    const entries = Object.entries(draft.body)
    const dropped = random.int(entries.length + 1)
    draft.body = Object.fromEntries(entries.filter((_, index) => index !== dropped))
  },
  (draft, random) => {
    const segments = draft.path.split('/')
    const at = 3 + random.int(Math.max(segments.length - 3, 1))
    segments[at] = encoded(random.pick(hostileTexts))
    draft.path = segments.join('/')
  },
  (draft, random) => {
    const [name] = draft.query[random.int(draft.query.length + 1)] ?? ['limit']
    draft.query.push([name, random.pick(hostileTexts)])
  },
  (draft, random) => {
    draft.query = draft.query.map(([name, value]) =>
      random.chance(0.5) ? [name, random.pick(hostileTexts)] : [name, value],
    )
    draft.query.push([
      random.pick(['after', 'limit', 'sort', 'unknown', '']),
      random.pick(hostileTexts),
    ])
  },
  (draft, random) => {
    Object.assign(draft.headers, random.pick(oddHeaders))
  },
  (draft, random) => {
    draft.raw = random.pick(oddBodies)
  },
  (draft, random) => {
    draft.path = random.pick(oddPaths)
    draft.query = []
  },
  (draft, random) => {
    draft.method = random.pick([
      'GET',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'HEAD',
      'OPTIONS',
      'TRACE',
    ])
  },
]

/** Makes requests out of the operations of an API, valid ones and such as nearly are. */
export function makeRequest(
  operations: readonly ApiOperation[],
  values: KnownValues,
  random: Random,
  count: number,
): FuzzRequest {
  const operation = operations[count % operations.length] ?? random.pick(operations)
  const isPublic = operation.access.kind === 'public'
  const actor = random.chance(isPublic ? 0.7 : 0.03)
    ? nobody
    : random.pick(random.chance(0.4) ? admins : actors)
  const source: ValueSource = {
    random,
    id: (name) => values.draw(name, actor, random, operation),
    mark: () => markOf(operation.access.kind === 'tenant' ? actor.number : 0, random),
  }
  const draft = draftOf(operation, actor, source, values)
  if (random.chance(0.45)) {
    for (let left = random.pick([1, 1, 2, 3]); left > 0; left -= 1)
      random.pick(changes)(draft, random)
  }
  const { method, headers } = draft
  const query = draft.query.map((pair) => pair.map(encoded).join('=')).join('&')
  const body = draft.raw ?? (draft.body === undefined ? null : JSON.stringify(draft.body))
  return {
    operation,
    actor,
    method,
    path: query === '' ? draft.path : `${draft.path}?${query}`,
    headers,
    body,
  }
}

function draftOf(
  operation: ApiOperation,
  actor: Actor,
  source: ValueSource,
  values: KnownValues,
): Draft {
  const { id, method, parameters, body, access } = operation
  const { random } = source
  let { path } = operation
  const query: [string, string][] = []
  for (const { name, in: place, required, schema } of parameters) {
    if (place === 'path') {
      path = path.replace(`{${name}}`, encoded(values.draw(name, actor, random, operation)))
    } else if (required || random.chance(0.25)) {
      const value = name === 'after' ? values.cursor(id, random) : valueOf(schema, source, name)
      query.push([name, String(value)])
    }
  }
  const known = knownBodies[id]
  const isKnown = known !== undefined && random.chance(0.35)
  const isKeyed = method !== 'GET' && access.kind === 'tenant' && random.chance(0.2)
  return {
    method,
    path,
    query,
    // Few keys, so that they come again, from others too and with other bodies.
    headers: isKeyed ? { 'idempotency-key': `key-${String(random.int(40))}` } : {},
    body: isKnown ? known : body === null ? undefined : valueOf(body, source),
    raw: null,
  }
}

/** A copy in which one value, at any depth, is another one. */
function changedSomewhere(value: unknown, random: Random): unknown {
  const isInside = typeof value === 'object' && value !== null && random.chance(0.85)
  const keys = isInside ? Object.keys(value) : []
  if (keys.length === 0) return random.pick(hostileValues)
  const key = random.pick(keys)
  const entries = Object.entries(value as object).map(([name, member]: [string, unknown]) => [
    name,
    name === key ? changedSomewhere(member, random) : member,
  ])
  const changed = Object.fromEntries(entries) as Record<string, unknown>
  return Array.isArray(value) ? Object.values(changed) : changed
}

/** The tenant's number, 0 for what is no tenant's, and a draw: `m2q0k3f9z1`. */
function markOf(number: number, random: Random): string {
  return `m${String(number)}q${random
    .int(36 ** 6)
    .toString(36)
    .padStart(6, '0')}`
}

function encoded(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    // A lone surrogate has no encoding in UTF-8; its bytes are sent as they would be.
    return '%ED%A0%80'
  }
}
