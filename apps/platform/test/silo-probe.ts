import type { DemoActorKey } from '../src/demo-data/index.js'
import type { Route } from '../src/api/route.js'
import type { ApiCaller, ApiReply } from './api-caller.js'

/** What belongs to the silo that others must not reach. */
export interface Silo {
  /** An id for each path parameter: `sessionId`. */
  readonly ids: Readonly<Record<string, string>>
  /** A body for each operation that takes one, by its id; right for somebody of the silo. */
  readonly bodies: Readonly<Record<string, object>>
  /** Query parameters that refer to the silo, by the id of the list. */
  readonly queries: Readonly<Record<string, readonly string[]>>
  /** The ids of all rows of the silo. */
  readonly rows: readonly string[]
}

/** What somebody got of a silo that is not theirs. */
export interface Crossing {
  readonly route: string
  readonly status: number
  readonly what: 'row shown' | 'not refused'
}

/** Refusals: there is no such object, no such place or person in the body, no such capability. */
const refusals: ReadonlySet<number> = new Set([400, 403, 404])

/**
 * Calls every route with the ids of the silo in its path, in its query and in its body, and every
 * list as it is, and tells what came through.
 *
 * @throws for a route that the silo has no id or body for: a new route has to be covered.
 */
export async function crossingsOf(
  api: ApiCaller,
  routes: readonly Route[],
  silo: Silo,
  actor: DemoActorKey,
): Promise<readonly Crossing[]> {
  const crossings: Crossing[] = []
  const note = (route: Route, reply: ApiReply, isList: boolean): void => {
    const shown = JSON.stringify(reply.body)
    const { status } = reply
    if (silo.rows.some((id) => shown.includes(id))) {
      crossings.push({ route: route.id, status, what: 'row shown' })
    } else if (!isList && !refusals.has(status)) {
      crossings.push({ route: route.id, status, what: 'not refused' })
    }
  }
  for (const route of routes) {
    const path = pathOf(route, silo)
    const isList = path === route.path && route.method === 'GET'
    if (isList) {
      for (const query of ['', ...(silo.queries[route.id] ?? [])]) {
        note(route, await api.call(actor, 'GET', `${path}?limit=100${query}`), true)
      }
      continue
    }
    note(route, await api.call(actor, route.method, path, bodyOf(route, silo)), false)
  }
  return crossings
}

function pathOf({ path, id }: Route, { ids }: Silo): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = ids[name]
    if (value === undefined) throw new Error(`${id}: the silo has nothing for ${name}`)
    return value
  })
}

function bodyOf({ id, input }: Route, { bodies }: Silo): object | undefined {
  if (input.body === undefined) return undefined
  const body = bodies[id]
  if (body === undefined) throw new Error(`${id}: the silo has no body`)
  return body
}
