import type { FunctionInfo, Relation } from 'watertight/catalog'
import { ident, joinSql, qualifiedName, sql } from 'watertight/sql'
import { mentionedRelations } from '../../../graph/mentioned-relations.js'
import { objectName } from '../../../graph/object-name.js'
import { isCallSafe } from '../../../graph/side-effects.js'
import type { LintInput } from '../../../lint/rule.js'
import { held, inconclusive } from '../../attack.js'
import type { Outcome } from '../../attack.js'
import type { ObjectAttack, ObjectProbe } from '../../object-attack.js'
import { numberOf } from '../../samples.js'
import type { Target } from '../../target.js'
import { makeMarkedRow } from './marked-row.js'

/** Writes a row as the victim and looks for its values where triggers put them. */
export const triggerCopy: ObjectAttack = {
  id: 'trigger-copy',
  title: 'Reads what a trigger copied from a row of another tenant.',
  subjects: (input, targets) =>
    [...targets.values()].flatMap((source) => {
      const functions = triggerFunctions(input, source.table.relation)
      if (source.boundary !== 'tenant' || source.keyColumn === null || functions.length === 0) {
        return []
      }
      const copies = copiesOf(input, source, functions)
      return copies.map((copy) => ({
        object: objectName(copy),
        related: [source.table.name, ...functions.map((fn) => objectName(fn))],
        command: 'SELECT' as const,
        isFor: (role: string) => input.access.can(role, 'SELECT', copy),
        run: (probe: ObjectProbe) => attack(probe, source, copy),
      }))
    }),
}

function triggerFunctions(input: LintInput, relation: Relation): readonly FunctionInfo[] {
  const named = new Set(
    relation.triggers
      .filter((trigger) => trigger.enabled !== 'disabled' && trigger.enabled !== 'replica')
      .map((trigger) => objectName(trigger.function)),
  )
  return input.catalog.functions.filter(
    (fn) =>
      named.has(objectName(fn)) && fn.schema !== 'watertight' && isCallSafe(input.catalog, fn),
  )
}

function copiesOf(
  input: LintInput,
  source: Target,
  functions: readonly FunctionInfo[],
): readonly Relation[] {
  const mentioned = new Set(functions.flatMap((fn) => [...mentionedRelations(input.catalog, fn)]))
  return input.catalog.relations.filter(
    (relation) =>
      mentioned.has(objectName(relation)) &&
      objectName(relation) !== source.table.name &&
      relation.kind !== 'foreign-table' &&
      relation.kind !== 'materialized-view',
  )
}

async function attack(probe: ObjectProbe, source: Target, copy: Relation): Promise<Outcome> {
  const { session } = probe
  const marked = await makeMarkedRow(probe, source)
  if (typeof marked === 'string') return inconclusive(marked)
  const readable = probe.input.access.columns(probe.role, 'SELECT', copy)
  const finding = (columns: readonly string[]): ReturnType<typeof sql> => {
    const shown = joinSql(columns.map((name) => sql`r.${ident(name)}::text`))
    const text = sql`concat_ws('|', ${shown})`
    return sql`select count(*)::int as n from ${qualifiedName(copy.schema, copy.name)} r where exists (select from unnest($1::text[]) m where strpos(${text}, m) > 0)`
  }
  const whole = finding(copy.columns.map(({ name }) => name))
  const copied = await session.attempt(() => session.admin(whole, [marked.markers]))
  if (!copied.ok || numberOf(copied.rows[0]?.['n']) === 0) {
    return inconclusive('nothing was copied there')
  }
  if (readable.length === 0) return held
  const statement = finding(readable)
  const seen = await session.as(probe.role, probe.context, statement, [marked.markers])
  if (!seen.ok) return inconclusive(`reading it fails with ${seen.sqlState}`)
  if (numberOf(seen.rows[0]?.['n']) === 0) return held
  return {
    kind: 'leak',
    statement,
    what: `what a trigger on ${source.table.name} copied from a row of another tenant is visible`,
  }
}
