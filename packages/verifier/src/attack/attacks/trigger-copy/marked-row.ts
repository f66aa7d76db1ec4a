import { randomUUID } from 'node:crypto'
import { ident, sql } from 'watertight/sql'
import type { ObjectProbe } from '../../object-attack.js'
import { insertRow } from '../../synthesis/insert-row.js'
import type { Values } from '../../synthesis/values.js'
import type { Target } from '../../target.js'

/** A row of the victim that was inserted, updated and deleted. */
export interface MarkedRow {
  /** Values that nothing else in the database has. */
  readonly markers: readonly string[]
}

const free = /^(text|character varying|json|jsonb|uuid)$/
const numbers = /^(integer|bigint|numeric)$/

/** Inserts a row under the victim's context, changes it and deletes it, so that triggers fire. */
export async function makeMarkedRow(
  probe: ObjectProbe,
  source: Target,
): Promise<MarkedRow | string> {
  if (source.keyColumn === null) return 'the tenant comes through a parent'
  const { session } = probe
  for (const [name, value] of probe.foreignContext ?? []) {
    await session.admin(sql`select set_config($1, $2, true)`, [name, value])
  }
  const key = { [source.keyColumn]: probe.pair.foreign.tenant }
  const marks = marksFor(source)
  const synthesis = probe.synthesis('foreign')
  let row = await insertRow(synthesis, source.table.relation, { ...marks, ...key })
  if (typeof row === 'string') row = await insertRow(synthesis, source.table.relation, key)
  if (typeof row === 'string') return row
  const markers = markersOf(source, row)
  if (markers.length === 0) return 'no column takes a value that could be recognised'
  await touch(probe, source, row)
  return { markers }
}

/** Values for optional columns that only hold text. */
function marksFor(source: Target): Values {
  const { relation } = source.table
  const bound = new Set(
    relation.constraints
      .filter(({ kind }) => kind === 'check' || kind === 'foreign-key')
      .flatMap(({ columns }) => columns),
  )
  const marks: Record<string, string> = {}
  for (const column of relation.columns) {
    if (bound.has(column.name) || column.generated !== null) continue
    if (/^(text|character varying)$/.test(column.baseType)) {
      marks[column.name] = `watertight-${randomUUID()}`
    }
  }
  return marks
}

function markersOf(source: Target, row: Values): readonly string[] {
  const { relation } = source.table
  const shared = new Set([
    source.keyColumn,
    ...relation.constraints
      .filter(({ kind }) => kind === 'foreign-key')
      .flatMap(({ columns }) => columns),
  ])
  return relation.columns.flatMap((column) => {
    const value = row[column.name]
    if (shared.has(column.name) || typeof value !== 'string') return []
    const type = column.baseType.replace(/\(.*\)/, '')
    // Shorter ones turn up by chance.
    const isOwn = free.test(type) ? value.length >= 12 : numbers.test(type) && value.length >= 10
    return isOwn ? [value] : []
  })
}

async function touch(probe: ObjectProbe, source: Target, row: Values): Promise<void> {
  const column = source.table.relation.columns.find(
    ({ name, generated, identity }) =>
      generated === null && identity !== 'always' && typeof row[name] === 'string',
  )
  const { session } = probe
  const [name, value] = [source.keyColumn ?? '', row[source.keyColumn ?? '']]
  if (column === undefined) return
  const same = sql`r.${ident(column.name)}::text = $1 and r.${ident(name)}::text = $2`
  const values = [row[column.name], value]
  const change = sql`update ${source.name} r set ${ident(column.name)} = ${ident(column.name)} where ${same}`
  await session.keep(() => session.admin(change, values))
  await session.keep(() => session.admin(sql`delete from ${source.name} r where ${same}`, values))
}
