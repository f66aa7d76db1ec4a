import type { IndexInfo } from 'watertight/catalog'
import { ident, joinSql, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Attack, Outcome, Probe } from '../../attack.js'
import { insertableColumns, insertStatement, takeAway } from '../../copy-row.js'
import { missingRows } from '../../samples.js'
import type { StepResult } from '../../session.js'
import type { Target } from '../../target.js'
import { keyColumns, keyValues } from '../../update-columns.js'

/** Inserts a row with the key of a foreign one, so that ON CONFLICT updates that one instead. */
export const upsert: Attack = {
  id: 'upsert',
  title: 'Overwrites a row of another tenant by inserting one with its key, ON CONFLICT DO UPDATE.',
  command: 'UPDATE',
  context: 'own',
  applies: (input, target, role) =>
    input.access.can(role, 'INSERT', target.table.relation) && arbiters(target).length > 0,
  run: async (probe) => {
    let last: Outcome = inconclusive('no key of the table can be given')
    for (const { columns } of arbiters(probe.target)) {
      last = await overwrite(probe, columns)
      if (last.kind !== 'inconclusive') return last
    }
    return last
  },
}

type Key = IndexInfo & { readonly columns: readonly string[] }

/** Keys that rows of two tenants can share; a key that names the tenant is a policy's to refuse. */
function arbiters(target: Target): readonly Key[] {
  const tenant = keyColumns(target)
  return target.table.relation.indexes.filter(
    (index): index is Key =>
      index.isUnique &&
      index.isValid &&
      index.predicate === null &&
      index.columns.every((name) => name !== null && !tenant.includes(name)),
  )
}

async function overwrite(probe: Probe, key: readonly string[]): Promise<Outcome> {
  const { session, target, ownRows, foreignRows } = probe
  const { relation } = target.table
  const columns = insertableColumns(probe)
  const settable = settableColumns(probe, columns)
  if (settable.length === 0) return inconclusive('the role may update no column')
  if (!key.every((name) => columns.includes(name))) {
    return inconclusive('the role may not give the key')
  }
  const own = await keyValues(probe, columns, ownRows)
  const foreign = await keyValues(probe, columns, foreignRows)
  if (own === null || foreign === null) return inconclusive('there is no row to copy')
  const statement = sql`${insertStatement(target.name, relation, columns)} ${onConflict(key, settable)}`
  const mixed = columns.map((name, index) => (key.includes(name) ? foreign : own)[index])
  const run = (values: readonly unknown[]): Promise<StepResult> =>
    session.as(probe.role, probe.context, statement, values)

  const attack = await session.attempt(async () => {
    // Its own row would meet the other keys of the table first.
    if (!(await takeAway(probe, [ownRows.tables[0], ownRows.places[0]]))) return null
    const step = await run(mixed)
    return { step, hit: step.ok ? await missingRows(session, target, foreignRows) : 0 }
  })
  if (attack === null) return inconclusive('the row to copy cannot be taken away')
  if (attack.hit > 0) {
    const what = 'a row of another tenant was overwritten by INSERT … ON CONFLICT DO UPDATE'
    return { kind: 'leak', statement, what }
  }
  const control = await session.attempt(async () => {
    const step = await run(own)
    return { step, hit: step.ok ? await missingRows(session, target, ownRows) : 0 }
  })
  if (!control.step.ok) {
    return inconclusive(`overwriting its own row fails with ${control.step.sqlState}`)
  }
  if (control.hit === 0) return inconclusive('its own row is not overwritten')
  if (attack.step.ok || refusals.has(attack.step.sqlState)) return held
  return inconclusive(`the attack fails with ${attack.step.sqlState}, not by a policy`)
}

function settableColumns(probe: Probe, columns: readonly string[]): readonly string[] {
  const { relation } = probe.target.table
  const allowed = probe.input.access.columns(probe.role, 'UPDATE', relation)
  return relation.columns
    .filter(({ name, identity }) => identity !== 'always' && columns.includes(name))
    .map(({ name }) => name)
    .filter((name) => allowed.includes(name))
}

function onConflict(key: readonly string[], settable: readonly string[]): Sql {
  const list = joinSql(settable.map((name) => sql`${ident(name)} = excluded.${ident(name)}`))
  return sql`on conflict (${joinSql(key.map((name) => ident(name)))}) do update set ${list}`
}

/** 42501: policy or grant. P0001: a trigger's own exception. */
const refusals: ReadonlySet<string> = new Set(['42501', 'P0001'])
