import type { Column } from 'watertight/catalog'
import { ident, sql } from 'watertight/sql'
import type { Probe } from './attack.js'

/** A column that can be set on all rows without meaning anything, and a value it already has. */
export interface NeutralUpdate {
  readonly column: string
  readonly value: unknown
}

/** Columns that the role may update and that no key, identity or scope depends on, best first. */
export function neutralColumns(probe: Probe): readonly Column[] {
  const { relation, userColumn } = probe.target.table
  const allowed = probe.input.access.columns(probe.role, 'UPDATE', relation)
  const keyed = new Set<string | null>([
    probe.target.keyColumn,
    userColumn,
    ...relation.indexes.filter((index) => index.isUnique).flatMap((index) => index.columns),
    ...relation.constraints
      .filter(({ kind }) => kind === 'foreign-key' || kind === 'exclude')
      .flatMap((constraint) => constraint.columns),
  ])
  const checked = new Set(
    relation.constraints
      .filter((constraint) => constraint.kind === 'check')
      .flatMap((constraint) => constraint.columns),
  )
  return relation.columns
    .filter((column) => allowed.includes(column.name) && !keyed.has(column.name))
    .filter((column) => column.generated === null && column.identity !== 'always')
    .toSorted((a, b) => Number(checked.has(a.name)) - Number(checked.has(b.name)))
}

/** The value that one of the attacker's own rows has in the column. */
export async function ownValue(probe: Probe, column: Column): Promise<NeutralUpdate | null> {
  const read = await probe.session.admin(
    sql`select r.${ident(column.name)}::text as value from ${probe.target.name} r where r.tableoid = $1::oid and r.ctid = $2::tid`,
    [probe.ownRows.tables[0], probe.ownRows.places[0]],
  )
  if (!read.ok || read.rows[0] === undefined) return null
  return { column: column.name, value: read.rows[0]['value'] }
}
