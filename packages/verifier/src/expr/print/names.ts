import { ident, integer, joinSql, qualifiedName, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { WatertightError } from 'watertight/errors'
import type { QualifiedName, TypeModifier, TypeName } from '../ir/names.js'

/** A name with its schema, if it has one. */
export function printName(name: QualifiedName): Sql {
  return name.schema === null ? ident(name.name) : qualifiedName(name.schema, name.name)
}

/** An operator between its operands, in the `OPERATOR(…)` form when it has a schema. */
export function printOperator({ schema, name }: QualifiedName): Sql {
  // SECURITY: the only name that SQL does not quote, so its characters are checked instead.
  if (!/^[-+*/<>=~!@#%^&|`?]+$/.test(name) || /--|\/\*/.test(name)) {
    throw new WatertightError('INVALID_IDENTIFIER', `not an operator: ${JSON.stringify(name)}`)
  }
  const symbol = trustedSql(name)
  return schema === null ? symbol : sql`OPERATOR(${ident(schema)}.${symbol})`
}

/** A type with its modifiers and dimensions. */
export function printType(type: TypeName): Sql {
  // Unquoted, the grammar would go on to look for `double precision`.
  const bareDouble = type.schema === null && type.name === 'double'
  const parts = [bareDouble ? trustedSql('"double"') : printName(type)]
  if (type.modifiers.length > 0) parts.push(sql`(${joinSql(type.modifiers.map(printModifier))})`)
  for (const size of type.dimensions) parts.push(size === null ? sql`[]` : sql`[${integer(size)}]`)
  return joinSql(parts, '')
}

function printModifier(modifier: TypeModifier): Sql {
  return typeof modifier === 'number' ? integer(modifier) : ident(modifier)
}
