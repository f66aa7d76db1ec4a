import type { FunctionInfo } from 'watertight/catalog'
import { WatertightError } from 'watertight/errors'
import { sql, trustedSql } from 'watertight/sql'
import { fieldsOf, isNode, listOf, queryOf } from '../expr/function-body/plpgsql-tree.js'
import { parseStatements } from '../expr/parser/parser.js'
import { statementTree } from './scalar-variables.js'
import { addStatement, noEffects } from './statement-effects.js'
import type { StatementEffects } from './statement-effects.js'

/**
 * What the body of a function reads, changes and calls, by the names it writes. What cannot be read
 * is named in `opaque`: other languages, SQL that the body puts together, bodies that do not parse.
 *
 * @throws PARSER_NOT_LOADED
 */
export function functionEffects(fn: FunctionInfo): StatementEffects {
  const effects = noEffects()
  try {
    if (fn.language === 'sql') addSqlBody(fn.body, effects)
    else if (fn.language === 'plpgsql') addPlpgsql(fn, effects)
    else effects.opaque.push(`a body in ${fn.language}`)
  } catch (error) {
    if (!isParseError(error)) throw error
    effects.opaque.push('a body that does not parse')
  }
  return effects
}

/**
 * What a condition or a query reads and calls.
 *
 * @throws PARSER_NOT_LOADED
 */
export function queryEffects(text: string, form: 'expression' | 'statement'): StatementEffects {
  const effects = noEffects()
  addText(form === 'expression' ? `select ${text}` : text, effects)
  return effects
}

function addSqlBody(body: string, effects: StatementEffects): void {
  const isStandard = /^\s*(return|begin)\b/i.test(body)
  if (!isStandard) {
    for (const { node } of parseStatements(body)) addStatement(node, effects)
    return
  }
  const [statement] = parseStatements(sql`create function f() returns int ${trustedSql(body)}`.text)
  const create = statement === undefined ? undefined : Object.values(statement.node)[0]
  for (const each of flatten(isNode(create) ? create['sql_body'] : undefined)) {
    addStatement(each, effects)
  }
}

/** `BEGIN ATOMIC` is a list that holds a list of statements. */
function flatten(node: unknown): readonly unknown[] {
  const list = fieldsOf(node, 'List')
  return list === undefined ? [node] : listOf(list['items']).flatMap(flatten)
}

function addPlpgsql(fn: FunctionInfo, effects: StatementEffects): void {
  addTree(statementTree(fn), false, effects)
}

/** Places of the tree whose expression gives the text of a statement. */
const dynamicKeys: ReadonlySet<string> = new Set(['dynquery'])
const dynamicStatements: ReadonlySet<string> = new Set([
  'PLpgSQL_stmt_dynexecute',
  'PLpgSQL_stmt_dynfors',
])

function addTree(node: unknown, isDynamic: boolean, effects: StatementEffects): void {
  if (Array.isArray(node)) for (const item of node) addTree(item, false, effects)
  if (!isNode(node)) return
  const query = queryOf(node)
  if (query !== undefined) {
    if (isDynamic) addDynamic(query.text, effects)
    else addText(statementOf(query), effects)
    return
  }
  for (const [key, value] of Object.entries(node)) {
    if (dynamicStatements.has(key) && isNode(value)) {
      for (const [field, part] of Object.entries(value)) addTree(part, field === 'query', effects)
    } else addTree(value, dynamicKeys.has(key), effects)
  }
}

/** A constant text is as good as the statement; any other is put together while it runs. */
function addDynamic(text: string, effects: StatementEffects): void {
  const constant = /^\s*'((?:[^']|'')*)'\s*$/.exec(text)?.[1]
  if (constant !== undefined) return addText(constant.replaceAll("''", "'"), effects)
  effects.opaque.push('EXECUTE of SQL that it puts together')
  addText(`select ${text}`, effects)
}

/** Parse mode 0 is a statement, 2 an expression, and 3 to 5 are assignments of PL/pgSQL. */
function statementOf({ text, mode }: { readonly text: string; readonly mode: number }): string {
  if (mode === 0) return text
  if (mode === 2) return `select ${text}`
  return `select ${text.slice(text.indexOf('=') + 1)}`
}

function addText(text: string, effects: StatementEffects): void {
  try {
    for (const { node } of parseStatements(text)) addStatement(node, effects)
  } catch (error) {
    if (!isParseError(error)) throw error
    effects.opaque.push('a statement that does not parse')
  }
}

function isParseError(error: unknown): boolean {
  return error instanceof WatertightError && error.code === 'UNPARSABLE_SQL'
}
