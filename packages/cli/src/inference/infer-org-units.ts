import type { Relation } from 'watertight/catalog'
import { tableKey } from 'watertight/model'
import type { KeyType, TableName } from 'watertight/model'
import { keyTypeOf, primaryKeyOf } from './infer-tenant-key.js'
import type { InferredKey } from './infer-tenant-key.js'

/** The tree of org units and the column that names one. */
export interface InferredUnits {
  readonly table: TableName
  readonly column: string
  readonly idColumn: string
  readonly parentColumn: string
  readonly type: KeyType
}

const unitNames =
  /^(org(ani[sz]ation)?_?units?|units|departments?|divisions?|branches|business_units?)$/i

/** A table of the tenant's with a tree in it, that other tables name a row of. */
export function inferOrgUnits(
  tables: readonly Relation[],
  key: InferredKey | null,
): InferredUnits | null {
  if (key === null) return null
  for (const table of tables) {
    const idColumn = primaryKeyOf(table)
    const parentColumn = parentColumnOf(table, key, idColumn)
    if (idColumn === null || parentColumn === null || !unitNames.test(table.name)) continue
    const column = tables
      .filter((each) => tableKey(each) !== tableKey(table))
      .flatMap((each) => columnTo(each, table, key))[0]
    const type = keyTypeOf(table.columns.find(({ name }) => name === idColumn)?.baseType ?? '')
    if (column === undefined || type === null) continue
    const { schema, name } = table
    return { table: { schema, name }, column, idColumn, parentColumn, type }
  }
  return null
}

function parentColumnOf(table: Relation, key: InferredKey, id: string | null): string | null {
  const columns = columnTo(table, table, key).filter((column) => column !== id)
  if (columns[0] !== undefined) return columns[0]
  return table.columns.some(({ name }) => name === 'parent_id') ? 'parent_id' : null
}

/** Columns of foreign keys to a table, the tenant's column left out. */
function columnTo(from: Relation, to: Relation, key: InferredKey): string[] {
  return from.constraints.flatMap(({ references, columns }) => {
    if (references === null || tableKey(references) !== tableKey(to)) return []
    const own = columns.filter((column) => column !== key.column)
    return own.length === 1 ? own : []
  })
}
