import { WatertightError } from 'watertight/errors'
import { makeConverter } from '../convert/make-converter.js'
import type { Expr } from '../ir/expr.js'
import { convertOrOpaque } from '../parse.js'
import { parseStatements } from '../parser/parser.js'

const before = 'CREATE FUNCTION f('
const after = ") RETURNS int LANGUAGE sql AS ''"

/**
 * The defaults of a function's input arguments by position, null for one without, from what
 * `pg_get_function_arguments()` prints.
 *
 * @throws UNPARSABLE_SQL, PARSER_NOT_LOADED
 */
export function parseArgumentDefaults(printed: string): readonly (Expr | null)[] {
  const source = before + printed + after
  const [statement, ...more] = parseStatements(source)
  if (statement === undefined || more.length > 0 || !('CreateFunctionStmt' in statement.node)) {
    throw new WatertightError('UNPARSABLE_SQL', 'the text is not a list of arguments')
  }
  const { parameters = [] } = statement.node.CreateFunctionStmt
  return parameters.flatMap((node) => {
    const parameter = 'FunctionParameter' in node ? node.FunctionParameter : {}
    const { mode, defexpr } = parameter
    if (mode === 'FUNC_PARAM_OUT' || mode === 'FUNC_PARAM_TABLE') return []
    if (defexpr === undefined) return [null]
    return [convertOrOpaque(printed, () => makeConverter(source).expr(defexpr))]
  })
}
