import { WatertightError } from 'watertight/errors'
import { makeConverter } from './convert/make-converter.js'
import { Unmodelled } from './convert/unmodelled.js'
import { deepFreeze } from './freeze.js'
import type { Expr, Opaque } from './ir/expr.js'
import type { Select } from './ir/select.js'
import { parseStatements } from './parser/parser.js'

/** A target before the expression: after it, `ALL x` and `DISTINCT x` are no expressions. */
const expressionFrame = 'SELECT NULL, '

/**
 * Parses an expression, for example what `pg_get_expr()` prints of a policy.
 *
 * @throws UNPARSABLE_SQL, PARSER_NOT_LOADED
 * @example
 * ```ts
 * parseExpression('tenant_id = 7')
 * // { kind: 'operator', operator: { schema: null, name: '=' }, left: { kind: 'column', … }, … }
 * ```
 */
export function parseExpression(text: string): Expr {
  const source = `${expressionFrame}${text}\n`
  const [statement, ...more] = parseStatements(source)
  const select =
    statement !== undefined && 'SelectStmt' in statement.node ? statement.node.SelectStmt : {}
  const { targetList = [], op: _op, limitOption: _limitOption, ...clauses } = select
  const [, target, ...others] = targetList.map((node) =>
    'ResTarget' in node ? node.ResTarget : {},
  )
  const isExpression =
    target !== undefined &&
    target.name === undefined &&
    [...more, ...others, ...Object.keys(clauses)].length === 0 &&
    // A statement that ends early was ended by a semicolon.
    statement?.length === 0
  if (!isExpression) throw notA('single expression')
  return convertOrOpaque(text, () => makeConverter(source).expr(target.val))
}

/**
 * Parses a query, for example what `pg_get_viewdef()` prints.
 *
 * @throws UNPARSABLE_SQL, PARSER_NOT_LOADED
 */
export function parseSelect(text: string): Select {
  // The line break keeps every place above 0, which the syntax tree leaves out.
  const source = `\n${text}`
  const [statement, ...more] = parseStatements(source)
  if (statement === undefined || more.length > 0 || !('SelectStmt' in statement.node)) {
    throw notA('single query')
  }
  const { SelectStmt: select } = statement.node
  return convertOrOpaque(text.trim().replace(/;$/, ''), () => makeConverter(source).select(select))
}

/** Runs a conversion; what cannot be narrowed down becomes opaque as a whole. */
export function convertOrOpaque<T extends object>(text: string, convert: () => T): T | Opaque {
  try {
    return deepFreeze(convert())
  } catch (error) {
    if (error instanceof Unmodelled) {
      return deepFreeze<Opaque>({ kind: 'opaque', reason: error.reason, text })
    }
    throw error
  }
}

function notA(what: string): WatertightError {
  return new WatertightError('UNPARSABLE_SQL', `the text is not a ${what}`)
}
