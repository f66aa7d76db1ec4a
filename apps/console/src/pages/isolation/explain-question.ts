import type { UrlValues } from '../../lists/use-url-values.js'
import type { operations } from '../../api/schema.js'

/** The question as the API takes it. */
export type Question = operations['explainRow']['parameters']['query']

/** A table that can be asked about. */
export type ExplainedTable =
  operations['listExplainTables']['responses'][200]['content']['application/json']['items'][number]

/** Stands before the values of the key's columns in the address. */
const keyPrefix = 'key.'

/** The name under which the value of a column of the key is in the address. */
export function keyParam(column: string): string {
  return `${keyPrefix}${column}`
}

/** Columns of a table's key. */
export function keyColumns(table: ExplainedTable | undefined): readonly string[] {
  return table?.columns.flatMap(({ name, isKey }) => (isKey ? [name] : [])) ?? []
}

/**
 * The question of an address, `?table=sec.assets&key.id=…&command=SELECT&as=own`; null while it is not
 * whole. `id` stands for a key of one column, as links from other pages have it.
 */
export function questionOf(values: UrlValues, table: ExplainedTable | undefined): Question | null {
  const columns = keyColumns(table)
  const [only] = columns
  const key = columns.map((column): readonly [string, string] => [
    column,
    values[keyParam(column)] ?? (columns.length === 1 ? (values['id'] ?? '') : ''),
  ])
  if (table === undefined || only === undefined || key.some(([, value]) => value === ''))
    return null
  const command = commandOf(values['command'])
  return {
    table: table.name,
    key: key.map(([, value]) => value),
    command,
    ...eyesOf(values),
  }
}

function commandOf(text: string | undefined): 'SELECT' | 'UPDATE' | 'DELETE' {
  return text === 'UPDATE' || text === 'DELETE' ? text : 'SELECT'
}

function eyesOf(values: UrlValues): Pick<Question, 'as' | 'userId' | 'orgUnitId'> {
  const as = values['as'] ?? 'own'
  if (as === 'none' || as === 'own') return { as }
  const unit = values['unit']
  return { as: 'member', userId: as, ...(unit !== undefined && { orgUnitId: unit }) }
}
