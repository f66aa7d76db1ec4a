import type { PlpgsqlBody, SqlBody } from '../ir/function-body.js'
import type { ParameterNames } from '../resolve/resolution.js'

/** What the expressions of a body can name beside columns, for name resolution. */
export function parameterNames(
  body: SqlBody | PlpgsqlBody,
  functionName: string | null,
): ParameterNames {
  const args = body.argNames.filter((name) => name !== null)
  if (body.kind === 'sql-body') return { functionName, names: args, whenColumn: 'column-wins' }
  const declared = body.variables.map(({ name }) => name)
  const names = [...args, ...body.outNames, ...body.implicitNames, ...declared]
  return { functionName, names, whenColumn: 'error' }
}
