import { ident, integer, qualifiedName, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Pair } from '../principals.js'
import { synthesisFor } from '../prepare-rows.js'
import type { RowSample } from '../samples.js'
import type { ProbeSession } from '../session.js'
import { insertRow } from '../synthesis/insert-row.js'
import type { Values } from '../synthesis/values.js'
import type { LintInput } from '../../lint/rule.js'
import type { Target } from '../target.js'
import type { ConcreteRow } from './concrete-rows.js'

/** What rows are made with. */
export interface RowMaker {
  readonly input: LintInput
  readonly session: ProbeSession
  readonly targets: ReadonlyMap<string, Target>
  readonly pair: Pair
}

/** Makes one row of a counterexample, or finds it: the stored row, or why there is none. */
export async function makeConcreteRow(
  { input, session, targets, pair }: RowMaker,
  { relation, values }: ConcreteRow,
): Promise<Values | string> {
  const isForeign = Object.values(values).some(
    (value) => value === pair.foreign.tenant || value === pair.foreign.user,
  )
  const synthesis = synthesisFor(input, session, targets, isForeign ? pair.foreign : pair.own)
  const made = await insertRow(synthesis, relation, values)
  if (typeof made !== 'string') return made
  const { where, parameters } = matching(values)
  const list = relation.columns.map(({ name }) => sql`r.${ident(name)}::text as ${ident(name)}`)
  const [first, ...rest] = list
  if (first === undefined || Object.keys(values).length === 0) return made
  const shown = rest.reduce((left, right) => sql`${left}, ${right}`, first)
  const found = await session.admin(
    sql`select ${shown} from ${qualifiedName(relation.schema, relation.name)} r where ${where} limit 1`,
    parameters,
  )
  return found.ok && found.rows[0] !== undefined ? (found.rows[0] as Values) : made
}

/** Where a stored row lies. */
export async function placeOf(
  session: ProbeSession,
  target: Target,
  stored: Values,
): Promise<RowSample | null> {
  const key = target.table.relation.constraints.find(({ kind }) => kind === 'primary-key')
  const entries = Object.entries(stored).filter(
    ([name]) => key === undefined || key.columns.includes(name),
  )
  const { where, parameters } = matching(Object.fromEntries(entries))
  const found = await session.admin(
    sql`select r.tableoid::text as t, r.ctid::text as c from ${target.name} r where ${where} limit 1`,
    parameters,
  )
  const row = found.ok ? (found.rows[0] as { t: string; c: string } | undefined) : undefined
  return row === undefined ? null : { tables: [row.t], places: [row.c] }
}

function matching(values: Values): { where: Sql; parameters: readonly unknown[] } {
  const entries = Object.entries(values)
  const where = entries.reduce(
    (left, [name], index) =>
      sql`${left} and r.${ident(name)}::text is not distinct from $${integer(index + 1)}`,
    sql`true`,
  )
  return { where, parameters: entries.map(([, value]) => value) }
}

/**
 * The rows tie the attacker to the victim by name: then somebody let the attacker in, which is no
 * leak of the policies.
 */
export function isInvitation(
  rows: readonly ConcreteRow[],
  subject: Values,
  { relation }: Target['table'],
  pair: Pair,
): boolean {
  const { user } = pair.own
  if (user === null) return false
  const keys = relation.constraints
    .filter(({ kind }) => kind === 'primary-key')
    .flatMap(({ columns }) => columns.map((name) => subject[name]))
  const victim = new Set([pair.foreign.tenant, ...keys])
  return rows.some(({ relation: of, values }) => {
    const all = Object.values(values)
    return of !== relation && all.includes(user) && all.some((value) => victim.has(value))
  })
}

/** A user's own row in another tenant is nobody else's secret. */
export function isOwnRow(subject: Values, { own }: Pair): boolean {
  return own.user !== null && Object.values(subject).includes(own.user)
}
