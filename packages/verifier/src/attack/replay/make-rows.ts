import { ident, integer, joinSql, qualifiedName, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Relation } from 'watertight/catalog'
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
  // What the row points to may be there already, as another row of the counterexample.
  const given = relation.constraints.filter(
    ({ references, columns }) =>
      references !== null && columns.every((name) => typeof values[name] === 'string'),
  )
  if (given.length > 0) {
    const settled = new Set([...(synthesis.settled ?? []), ...given.map(({ name }) => name)])
    const pointing = await insertRow({ ...synthesis, settled }, relation, values)
    if (typeof pointing !== 'string') return pointing
  }
  const changed = await changeRow(session, relation, values)
  if (changed !== null) return changed
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

/** Gives the row that has the key already the other values of the counterexample; null without one. */
async function changeRow(
  session: ProbeSession,
  relation: Relation,
  values: Values,
): Promise<Values | null> {
  const key = relation.constraints.find(
    ({ kind, columns }) =>
      (kind === 'primary-key' || kind === 'unique') &&
      columns.every((name) => typeof values[name] === 'string'),
  )
  const rest = Object.keys(values).filter((name) => key?.columns.includes(name) === false)
  if (key === undefined || rest.length === 0) return null
  const set = joinSql(rest.map((name, index) => sql`${ident(name)} = $${integer(index + 1)}`))
  const where = key.columns
    .map((name, index) => sql`${ident(name)}::text = $${integer(rest.length + index + 1)}`)
    .reduce((left, right) => sql`${left} and ${right}`)
  const back = joinSql(
    relation.columns.map(({ name }) => sql`${ident(name)}::text as ${ident(name)}`),
  )
  const done = await session.keep(() =>
    session.admin(
      sql`update ${qualifiedName(relation.schema, relation.name)} set ${set} where ${where} returning ${back}`,
      [...rest, ...key.columns].map((name) => values[name] ?? null),
    ),
  )
  return done.ok ? ((done.rows[0] as Values | undefined) ?? null) : null
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

/**
 * The rows without the memberships that the model does not count: whoever has none but such is a
 * stranger to the tenant.
 */
export async function withoutEnded(
  { input, session, pair }: RowMaker,
  rows: readonly ConcreteRow[],
): Promise<readonly ConcreteRow[]> {
  const { context } = input.model
  const where = context.kind === 'membership' ? context.via.where : null
  if (where === null || pair.memberships === null) return rows
  const { relation, user, tenant } = pair.memberships
  const counted = await session.admin(
    sql`select from (select * from ${qualifiedName(relation.schema, relation.name)}) as ${ident(relation.name)}
      where ${ident(user)}::text = $1 and ${ident(tenant)}::text = $2 and (${trustedSql(where)})`,
    [pair.own.user, pair.foreign.tenant],
  )
  if (!counted.ok || counted.rowCount > 0) return rows
  return rows.filter((row) => row.relation !== relation)
}

/** A user's own row in another tenant is nobody else's secret. */
export function isOwnRow(subject: Values, { own }: Pair): boolean {
  return own.user !== null && Object.values(subject).includes(own.user)
}
