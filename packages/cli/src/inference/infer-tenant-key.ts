import type { InferredModel } from '@watertight/verifier'
import type { Relation } from 'watertight/catalog'
import { formatTableName, tableKey } from 'watertight/model'
import type { KeyType, TableName } from 'watertight/model'
import type { Evidence } from './inference.js'

/** The column that tells tenants apart, and the table of tenants. */
export interface InferredKey {
  readonly column: string
  readonly type: KeyType
  readonly table: TableName | null
  /** The key of the table of tenants. */
  readonly tableColumn: string | null
  /** Tables where the column has another name. */
  readonly columnByTable: Readonly<Record<string, string>>
  readonly reason: string
}

/** Names of the customer organisation, the usual first. */
const tenantWords: readonly (readonly [RegExp, number])[] = [
  [/^tenant(_?(id|key|uuid))?$/i, 6],
  [/^(org|organi[sz]ation)(_?(id|uuid))?$/i, 3],
  [/^(account|workspace|company)(_?(id|uuid))?$/i, 3],
  [/^(team|customer|client|shop|store|site|school|clinic|business)(_?(id|uuid))?$/i, 2],
]

/** The tenant key that policies compare with the context; null when they name none. */
export function keyOfPolicies(
  { input, inferred }: InferredModel,
  tables: readonly Relation[],
): InferredKey | null {
  const { tenantKey } = input
  if (tenantKey?.column === undefined) return null
  const table = tables.find((each) => formatTableName(each) === tenantKey.table) ?? null
  const reason = inferred.find((line) => line.startsWith('tenantKey: ')) ?? ''
  return {
    column: tenantKey.column,
    type: tenantKey.type ?? 'uuid',
    table: table && { schema: table.schema, name: table.name },
    tableColumn: table && primaryKeyOf(table),
    columnByTable: tenantKey.columnByTable ?? {},
    reason: reason.slice('tenantKey: '.length),
  }
}

/** Finds the tenant key by its name, its frequency, foreign keys and policies; null when unsure. */
export function inferTenantKey({ tables, code }: Evidence): InferredKey | null {
  const holders = new Map<string, Relation[]>()
  for (const table of tables) {
    for (const { name, baseType } of table.columns) {
      if (keyTypeOf(baseType) === null) continue
      holders.set(name, [...(holders.get(name) ?? []), table])
    }
  }
  let best: { column: string; score: number; tables: readonly Relation[] } | null = null
  for (const [column, found] of holders) {
    const weight = tenantWords.find(([pattern]) => pattern.test(column))?.[1] ?? 0
    const isInPolicies = code.some((text) => mentions(text, column))
    const score = weight * found.length * (isInPolicies ? 3 : 1)
    if (score > (best?.score ?? 0)) best = { column, score, tables: found }
  }
  if (best === null) return null
  const { column, tables: found } = best
  const table = targetOf(column, found, tables) ?? namedAfter(column, tables)
  const types = found.map((each) => keyTypeOf(typeOf(each, column)) ?? 'uuid')
  return {
    column,
    type: mostFrequent(types) ?? 'uuid',
    table: table && { schema: table.schema, name: table.name },
    tableColumn: table && primaryKeyOf(table),
    columnByTable: {},
    reason: `${found.length} of ${tables.length} tables have the column ${column}`,
  }
}

/** The key type that a column type stands for; null for types that no key has. */
export function keyTypeOf(type: string): KeyType | null {
  if (type === 'uuid') return 'uuid'
  if (/^(bigint|integer|smallint)$/.test(type)) return 'bigint'
  return /^(text|character varying(\(\d+\))?)$/.test(type) ? 'text' : null
}

/** The only column of the primary key, or null. */
export function primaryKeyOf(table: Relation): string | null {
  const key = table.constraints.find(({ kind }) => kind === 'primary-key')
  return key?.columns.length === 1 ? (key.columns[0] ?? null) : null
}

/** Whether SQL text has this word. */
function mentions(text: string, word: string): boolean {
  return text.split(/[^\p{L}\p{N}_$]+/u).includes(word)
}

function typeOf(table: Relation, column: string): string {
  return table.columns.find(({ name }) => name === column)?.baseType ?? ''
}

/** The table that most foreign keys of the column lead to. */
function targetOf(
  column: string,
  holders: readonly Relation[],
  tables: readonly Relation[],
): Relation | null {
  const targets = holders.flatMap(({ constraints }) =>
    constraints.flatMap(({ columns, references }) =>
      columns.length === 1 && columns[0] === column && references !== null
        ? [tableKey(references)]
        : [],
    ),
  )
  const winner = mostFrequent(targets)
  return tables.find((table) => tableKey(table) === winner) ?? null
}

function namedAfter(column: string, tables: readonly Relation[]): Relation | null {
  const stem = column.replace(/_?(id|key|uuid)$/i, '').toLowerCase()
  const names = [stem, `${stem}s`, `${stem}es`, stem.replace(/y$/, 'ies')]
  return tables.find(({ name }) => names.includes(name.toLowerCase())) ?? null
}

function mostFrequent<T>(values: readonly T[]): T | null {
  const counts = new Map<T, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  let best: T | null = null
  for (const [value, times] of counts) {
    if (best === null || times > (counts.get(best) ?? 0)) best = value
  }
  return best
}
