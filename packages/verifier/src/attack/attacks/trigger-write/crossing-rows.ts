import type { Relation } from 'watertight/catalog'
import { sql } from 'watertight/sql'
import { objectName } from '../../../graph/object-name.js'
import type { ObjectProbe } from '../../object-attack.js'
import type { PreparedRows } from '../../prepare-rows.js'
import type { Values } from '../../synthesis/values.js'
import type { Target } from '../../target.js'

const mostRows = 24

/** Own rows with keys of the victim's rows in columns of the same type, its own tenant kept. */
export async function crossingRows(
  probe: ObjectProbe,
  relation: Relation,
  own: Values,
  victim: Target,
  rows: PreparedRows,
): Promise<readonly Values[]> {
  const foreign = await firstRow(probe, victim, rows)
  if (foreign === null) return []
  const ownKey = probe.targets.get(objectName(relation))?.keyColumn ?? null
  const keys = keyColumns(victim)
  const parentColumns = new Set(victim.table.through?.columns)
  const isItself = victim.table.relation === relation
  const open = relation.columns.filter(
    ({ name, generated }) => generated === null && name !== ownKey,
  )
  const found: Values[] = []
  // Everything of the victim under the same name, the tenant too where this table has none of its own.
  const alike = open.filter(({ name }) => typeof foreign[name] === 'string')
  if (alike.length > 0 && !isItself) {
    found.push({
      ...own,
      ...Object.fromEntries(alike.map(({ name }) => [name, foreign[name] ?? null])),
    })
  }
  for (const column of open) {
    for (const key of keys) {
      const value = foreign[key.name]
      if (value === null || value === undefined || !canHold(column.baseType, key.baseType)) continue
      // A row of the table itself keeps its own key, and a child its parent.
      if (isItself && (keys.includes(column) || parentColumns.has(column.name))) continue
      found.push({ ...own, [column.name]: value })
    }
  }
  return [...found.slice(0, mostRows), ...namingTenant(open, own, victim, foreign)]
}

/** The victim's tenant in any column that could say for whom a trigger works. */
function namingTenant(
  open: Relation['columns'],
  own: Values,
  { table, keyColumn }: Target,
  foreign: Values,
): readonly Values[] {
  const key = table.relation.columns.find(({ name }) => name === keyColumn)
  const tenant = key && foreign[key.name]
  if (key === undefined || tenant === undefined || tenant === null) return []
  return open
    .filter(({ baseType }) => canHold(baseType, key.baseType))
    .slice(0, mostRows)
    .map(({ name }) => ({ ...own, [name]: tenant }))
}

/** A column can name a key of its own type, and a text one whatever is cast later. */
function canHold(column: string, key: string): boolean {
  return column === key || /^(text|character varying(\(\d+\))?)$/.test(column)
}

/** Columns that tell the victim's rows apart. */
function keyColumns({ table, keyColumn }: Target): Relation['columns'] {
  const unique = new Set(
    table.relation.indexes.filter(({ isUnique }) => isUnique).flatMap(({ columns }) => columns),
  )
  return table.relation.columns.filter(({ name }) => unique.has(name) && name !== keyColumn)
}

async function firstRow(
  probe: ObjectProbe,
  victim: Target,
  rows: PreparedRows,
): Promise<Values | null> {
  const read = await probe.session.admin(
    sql`select e.key, e.value from ${victim.name} r, lateral jsonb_each_text(to_jsonb(r)) e where r.tableoid = $1::oid and r.ctid = $2::tid`,
    [rows.foreign.tables[0], rows.foreign.places[0]],
  )
  if (!read.ok || read.rows.length === 0) return null
  const entries = read.rows as { key: string; value: string | null }[]
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]))
}
