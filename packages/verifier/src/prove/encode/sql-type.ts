import type { CatalogSnapshot } from 'watertight/catalog'
import type { TypeName } from '../../expr/index.js'
import type { SqlType } from './value.js'

const builtin: Readonly<Record<string, SqlType>> = {
  bool: 'bool',
  boolean: 'bool',
  int2: 'int',
  int4: 'int',
  int8: 'int',
  smallint: 'int',
  integer: 'int',
  bigint: 'int',
  text: 'text',
  varchar: 'text',
  'character varying': 'text',
  uuid: 'uuid',
  name: 'name',
  json: 'json',
  jsonb: 'json',
  timestamptz: 'time:timestamptz',
  'timestamp with time zone': 'time:timestamptz',
  timestamp: 'time:timestamp',
  'timestamp without time zone': 'time:timestamp',
  date: 'time:date',
}

/** The type of a column, as the catalog prints it. */
export function columnType(printed: string, catalog: CatalogSnapshot): SqlType {
  if (printed.endsWith('[]')) {
    const element = columnType(printed.slice(0, -2), catalog)
    return `array:${element}`
  }
  // A column of varchar(n) holds texts; that they are short takes nothing away.
  const bare = printed.replace(/^character varying\(\d+\)$/, 'character varying')
  return builtin[bare] ?? enumType(bare, catalog) ?? `other:${printed}`
}

/** The type a cast names. `varchar(n)` cuts its operand, so that it is another type than text. */
export function castType(type: TypeName, catalog: CatalogSnapshot): SqlType {
  const printed =
    type.schema === null || type.schema === 'pg_catalog' ? type.name : `${type.schema}.${type.name}`
  if (type.dimensions.length > 0) {
    const element = castType({ ...type, dimensions: [] }, catalog)
    return `array:${element}`
  }
  if (type.modifiers.length > 0) return `other:${printed}(${type.modifiers.join(',')})`
  return builtin[printed] ?? enumType(printed, catalog) ?? `other:${printed}`
}

function enumType(printed: string, catalog: CatalogSnapshot): SqlType | undefined {
  const bare = printed.replaceAll('"', '')
  const found = catalog.enums.filter(
    ({ schema, name }) => bare === `${schema}.${name}` || bare === name,
  )
  const [only] = found
  return only !== undefined && found.length === 1 ? `enum:${only.schema}.${only.name}` : undefined
}

/** The element type of an array type, else undefined. */
export function elementType(type: SqlType): SqlType | undefined {
  if (!type.startsWith('array:')) return undefined
  return type.slice('array:'.length) as SqlType
}
