import type { FunctionInfo } from 'watertight/catalog'
import { qualifiedName, sql, trustedSql } from 'watertight/sql'

/** `schema.name(argument types)`, the name under which findings speak of a function. */
export function functionName(fn: FunctionInfo): string {
  return sql`${qualifiedName(fn.schema, fn.name)}(${trustedSql(fn.identityArguments)})`.text
}
