import type { Node } from 'libpg-query'
import { WatertightError } from 'watertight/errors'
import { makeConverter } from '../convert/make-converter.js'
import type { Opaque } from '../ir/expr.js'
import type { SqlBody, SqlStatement } from '../ir/function-body.js'
import { convertOrOpaque } from '../parse.js'
import { parseStatements } from '../parser/parser.js'

/** What a body does not say itself. */
export interface SqlFunctionFacts {
  /** The result type as SQL text: `uuid`, `SETOF uuid`, `TABLE(id uuid)`. Kept as it is. */
  readonly returns: string
  /** Names of the arguments by position, as `proargnames`; null or empty for one without. */
  readonly argNames: readonly (string | null)[]
}

/**
 * Parses the body of a SQL-language function: a string (`prosrc`), or the standard's form as
 * `pg_get_function_sqlbody()` prints it (`RETURN …`, `BEGIN ATOMIC … END`).
 *
 * @throws UNPARSABLE_SQL, PARSER_NOT_LOADED
 */
export function parseSqlFunctionBody(body: string, facts: SqlFunctionFacts): SqlBody {
  const argNames = facts.argNames.map((name) => (name === '' ? null : name))
  const statements = /^\s*(return|begin)\b/i.test(body) ? standardBody(body) : stringBody(body)
  return Object.freeze<SqlBody>({
    kind: 'sql-body',
    statements: Object.freeze(statements),
    argNames: Object.freeze(argNames),
    returns: facts.returns,
  })
}

function stringBody(body: string): readonly SqlStatement[] {
  // The line break keeps every place above 0, which the syntax tree leaves out.
  const source = `\n${body}`
  return parseStatements(source).map(({ node }) => convertStatement(node, source, body))
}

const standardFrame = 'CREATE FUNCTION f() RETURNS int '

/** The standard's form is part of the grammar of CREATE FUNCTION only. */
function standardBody(body: string): readonly SqlStatement[] {
  const source = standardFrame + body
  const [statement, ...more] = parseStatements(source)
  const create =
    statement !== undefined && 'CreateFunctionStmt' in statement.node
      ? statement.node.CreateFunctionStmt
      : undefined
  if (create?.sql_body === undefined || create.options !== undefined || more.length > 0) {
    throw new WatertightError('UNPARSABLE_SQL', 'the text is not a function body')
  }
  return nested(create.sql_body).map((node) => convertStatement(node, source, body))
}

/** `BEGIN ATOMIC` is a list that holds a list of statements. */
function nested(node: Node): readonly Node[] {
  if (!('List' in node)) return [node]
  return (node.List.items ?? []).flatMap((item) => nested(item))
}

function convertStatement(node: Node, source: string, body: string): SqlStatement {
  if ('SelectStmt' in node) {
    const { SelectStmt: statement } = node
    const select = convertOrOpaque(body, () => makeConverter(source).select(statement))
    return select.kind === 'opaque' ? select : { kind: 'query', select }
  }
  if ('ReturnStmt' in node) {
    const { returnval } = node.ReturnStmt
    return {
      kind: 'return',
      value: convertOrOpaque(body, () => makeConverter(source).expr(returnval)),
    }
  }
  const [kind = 'statement'] = Object.keys(node)
  return Object.freeze<Opaque>({ kind: 'opaque', reason: `a ${kind}`, text: body.trim() })
}
