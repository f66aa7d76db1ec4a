import type { Statement } from '../runtime/driver.js'
import { RowShape } from './pg-rows.js'
import type { PostgresErrorClass, PostgresJsOptions } from './postgres-js-protocol.js'
import { arrayText, isComposite } from './value-text.js'
import type { WireCodec } from './wire-codec.js'
import type { WireField } from './wire-reader.js'

/** `sql.typed(value, type)`, `sql.json(value)` and `sql.array(values)`. */
interface TypedParameter {
  readonly value: unknown
  readonly type: number | undefined
  readonly array: Readonly<Record<number, number>> | undefined
}

const errorFields: Readonly<Record<string, readonly string[]>> = {
  S: ['severity_local'],
  V: ['severity'],
  C: ['code'],
  M: ['message'],
  D: ['detail'],
  H: ['hint'],
  P: ['position'],
  p: ['internal_position'],
  q: ['internal_query'],
  W: ['where'],
  s: ['schema_name', 'schema'],
  t: ['table_name', 'table'],
  c: ['column_name', 'column'],
  d: ['data type_name'],
  n: ['constraint_name', 'constraint'],
  F: ['file'],
  L: ['line'],
  R: ['routine'],
}

function isTyped(value: unknown): value is TypedParameter {
  return (
    typeof value === 'object' &&
    value !== null &&
    'value' in value &&
    'type' in value &&
    value.constructor.name === 'Parameter'
  )
}

/** The type by which `postgres` chooses a serializer where a value names none. */
function inferredType(value: unknown): number {
  if (value instanceof Date) return 1184
  if (value instanceof Uint8Array) return 17
  return 0
}

/** The object ids that the user's own `types` serialize. */
function customTypes({ types }: PostgresJsOptions): ReadonlySet<number> {
  return new Set(
    Object.values(types).flatMap(({ to, from }) =>
      [to, from].flat().filter((type) => typeof type === 'number'),
    ),
  )
}

/** Converts values and rows by the types and transforms of an instance of `postgres`. */
export function postgresJsCodec(
  options: PostgresJsOptions,
  errorClass: PostgresErrorClass,
): WireCodec {
  const custom = customTypes(options)
  const { transform, serializers } = options

  function typeOf(value: unknown): number {
    if (!isTyped(value)) return 0
    const { type, array } = value
    if (array === undefined) return type ?? 0
    return (type === undefined ? undefined : array[type]) ?? type ?? 0
  }

  function encode(given: unknown, type: number): string | null {
    let value = isTyped(given) ? given.value : given
    if (value === undefined) value = transform.undefined
    if (value === undefined) throw new TypeError('undefined is no value; pass null')
    if (value === null) return null
    const serializer =
      isTyped(given) || isComposite(value) || custom.has(type) ? serializers[type] : undefined
    const serialize = serializer ?? serializers[inferredType(value)]
    if (serializer === undefined && Array.isArray(value)) {
      return arrayText(value, (item) => encode(item, 0) ?? '')
    }
    if (serializer === undefined && isComposite(value)) return JSON.stringify(value)
    // `postgres` writes `t`, which is a boolean but no JSON, and it would know the type.
    if (serializer === undefined && typeof value === 'boolean') return String(value)
    return String(serialize === undefined ? value : serialize(value))
  }

  return {
    typeOf,
    needsType: (value) =>
      value !== null &&
      value !== undefined &&
      !isTyped(value) &&
      (custom.size > 0 || isComposite(value)),
    encode,
    rowReader: (fields, statement) => rowReader(fields, statement, options),
    serverError(fields) {
      const named: Record<string, string> = {}
      for (const [letter, text] of fields) {
        for (const name of errorFields[letter] ?? []) named[name] = text
      }
      return new errorClass(named)
    },
  }
}

function rowReader(
  fields: readonly WireField[],
  { rowMode, types }: Statement,
  { parsers, transform }: PostgresJsOptions,
): (values: readonly (string | null)[]) => unknown {
  // Who brings parsers of its own, an ORM, expects the names and values of the database.
  const from =
    types === undefined
      ? { column: transform.column.from, value: transform.value.from, row: transform.row.from }
      : { column: undefined, value: undefined, row: undefined }
  const columns = fields.map((field) => {
    const { name: given, dataTypeID: type, tableID: table, columnID: number } = field
    const name = from.column === undefined ? given : from.column(given)
    const parser = types === undefined ? parsers[type] : types.getTypeParser(type, 'text')
    return {
      name,
      type,
      table,
      number,
      parser,
      isArray: types === undefined && parsers[type]?.array === true,
    }
  })
  const valueOf = (column: (typeof columns)[number], text: string | null): unknown => {
    const { parser, isArray } = column
    const value =
      text === null || parser === undefined ? text : parser(isArray ? text.slice(1) : text)
    return from.value === undefined ? value : from.value(value, column)
  }
  const shape = new RowShape(columns.map(({ name, type }) => ({ name, dataTypeID: type })))
  const asObject = (values: readonly (string | null)[]): object => {
    const row = shape.row()
    columns.forEach((column, index) => {
      row[column.name] = valueOf(column, values[index] ?? null)
    })
    return row
  }
  return (values) => {
    const row =
      rowMode === 'array'
        ? columns.map((column, index) => valueOf(column, values[index] ?? null))
        : asObject(values)
    return from.row === undefined ? row : from.row(row)
  }
}
