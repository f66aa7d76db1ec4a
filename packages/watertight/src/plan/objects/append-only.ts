import { ident, qualifiedName, sql } from '../../sql/index.js'
import { functionStepId } from '../kernel/function-shape.js'
import { displayName } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'

const triggerName = 'watertight_refuse_truncate'

/** Append-only tables: no UPDATE or DELETE is granted, and TRUNCATE is refused even to the owner. */
export function planAppendOnly({ tables, unclassified }: Planning): readonly Step[] {
  const strays = unclassified.map((relation) => ({ relation, appendOnly: false }))
  return [...tables, ...strays].flatMap(({ relation, appendOnly }) => {
    const isThere = relation.triggers.some(({ name }) => name === triggerName)
    if (appendOnly === isThere) return []
    const table = qualifiedName(relation.schema, relation.name)
    const object = displayName(relation)
    const create = sql`create trigger ${ident(triggerName)} before truncate on ${table} for each statement execute function watertight.refuse_truncate()`
    const drop = sql`drop trigger ${ident(triggerName)} on ${table}`
    return [
      makeStep({
        id: `trigger:${object}:${triggerName}`,
        object,
        summary: `${appendOnly ? 'refuse' : 'allow'} TRUNCATE on ${object}`,
        up: [appendOnly ? create : drop],
        down: [appendOnly ? drop : create],
        requires: appendOnly ? [functionStepId('refuse_truncate')] : [],
      }),
    ]
  })
}
