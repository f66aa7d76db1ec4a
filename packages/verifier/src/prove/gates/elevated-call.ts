import type { CatalogSnapshot, FunctionInfo, Relation } from 'watertight/catalog'
import { functionEffects, queryEffects } from '../../graph/function-effects.js'
import { objectName } from '../../graph/object-name.js'
import { oncePer } from '../../graph/once-per.js'
import { meant } from '../../graph/statement-effects.js'
import type { StatementEffects } from '../../graph/statement-effects.js'

/**
 * How the query of a view comes to other rights than its reader's: through a SECURITY DEFINER
 * function that it, or whatever it calls, may run, or through a part that cannot be read. Undefined
 * when it cannot. Functions behind operators, casts, aggregates and types count for every view,
 * since nothing names them.
 */
export function elevatedCall(catalog: CatalogSnapshot, view: Relation): string | undefined {
  if (view.definition === null) return 'has a definition that the reading role may not see'
  const { byName, implicit } = own(catalog)
  const queue: Reached[] = implicit.map((fn) => ({ fn, how: 'may run' }))
  const seen = new Set(implicit)
  const follow = ({ calls }: StatementEffects, how: string): void => {
    for (const fn of calls.flatMap((call) => meant(call, byName))) {
      if (!seen.has(fn)) queue.push({ fn, how })
      seen.add(fn)
    }
  }
  const query = queryEffects(view.definition, 'statement')
  if (query.opaque.length > 0) return `has ${query.opaque.join(', ')}, which cannot be read`
  follow(query, 'calls')
  for (const { fn, how } of queue) {
    const name = `${objectName(fn)}()`
    if (fn.securityDefiner) return `${how} ${name}, which runs as ${fn.owner}`
    if (fn.extension !== null || fn.kind === 'aggregate') continue
    const effects = functionEffects(fn)
    if (effects.opaque.length > 0) return `${how} ${name}, which has ${effects.opaque.join(', ')}`
    follow(effects, `${how} ${name}, which calls`)
  }
  return undefined
}

interface Reached {
  readonly fn: FunctionInfo
  readonly how: string
}

/** Functions of the database itself: those of PostgreSQL run as whoever calls them. */
const own = oncePer(({ functions }: CatalogSnapshot) => {
  const byName = new Map<string, FunctionInfo[]>()
  const ours = functions.filter(({ schema }) => schema !== 'pg_catalog')
  for (const fn of ours) byName.set(fn.name, [...(byName.get(fn.name) ?? []), fn])
  const implicit = ours.filter((fn) => fn.isImplicit && fn.extension === null)
  return { byName, implicit }
})
