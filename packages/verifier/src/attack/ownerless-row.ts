import { ident, sql } from 'watertight/sql'
import { inconclusive } from './attack.js'
import type { Attack, Outcome, Probe } from './attack.js'
import type { RowSample } from './samples.js'
import type { Target } from './target.js'

/** Repeats a write on a row that has no tenant: whoever may change it changes it for everybody. */
export function withOwnerlessRow(base: Attack, parts: Pick<Attack, 'id' | 'title'>): Attack {
  return {
    ...parts,
    command: base.command,
    context: 'own',
    applies: (_input, target) => nullableKey(target) !== null,
    run: (probe) => run(base, probe),
  }
}

/** The key column of a table whose rows need no tenant; null for others. */
export function nullableKey(target: Target): string | null {
  const { relation } = target.table
  const column = relation.columns.find(({ name }) => name === target.keyColumn)
  const isTable = relation.kind === 'table' || relation.kind === 'partitioned-table'
  return isTable && target.boundary === 'tenant' && column?.notNull === false ? column.name : null
}

async function run(base: Attack, probe: Probe): Promise<Outcome> {
  const { session } = probe
  const plain = await session.attempt(() => base.run(probe))
  if (plain.kind === 'leak') return inconclusive('it leaks with rows of a tenant, too')
  return session.attempt(async () => {
    const rows = await ownerlessRow(probe)
    if (rows === null) return inconclusive('no row without a tenant can be made')
    const outcome = await base.run({ ...probe, foreignRows: rows })
    if (outcome.kind !== 'leak') return outcome
    const what = `rows that belong to no tenant, and so to all, were ${base.command === 'DELETE' ? 'deleted' : 'changed'} by one of them`
    return { ...outcome, what }
  })
}

/** Takes the tenant from one of the victim's rows, as the connected role; call inside an attempt. */
export async function ownerlessRow({
  session,
  target,
  foreignRows,
}: Probe): Promise<RowSample | null> {
  const key = nullableKey(target)
  if (key === null) return null
  const step = await session.keep(() =>
    session.admin(
      sql`update ${target.name} r set ${ident(key)} = null where r.tableoid = $1::oid and r.ctid = $2::tid returning r.tableoid::text as t, r.ctid::text as c`,
      [foreignRows.tables[0], foreignRows.places[0]],
    ),
  )
  const row = step.ok ? (step.rows[0] as { t: string; c: string } | undefined) : undefined
  return row === undefined ? null : { tables: [row.t], places: [row.c] }
}
