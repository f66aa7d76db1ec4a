import type { CreateFunctionStmt, Node } from 'libpg-query'
import { WatertightError } from 'watertight/errors'
import { Unmodelled, unmodelled } from '../convert/unmodelled.js'
import { deepFreeze } from '../freeze.js'
import type { Opaque } from '../ir/expr.js'
import type { PlpgsqlBody } from '../ir/function-body.js'
import { parsePlpgsqlTree, parseStatements } from '../parser/parser.js'
import { tokenize } from '../tokens.js'
import { convertStatements } from './plpgsql-statement.js'
import { fieldsOf, isNode, listOf } from './plpgsql-tree.js'
import { declaredVariables, implicitNames } from './plpgsql-variables.js'

/**
 * Parses a PL/pgSQL function from its `CREATE FUNCTION` statement, as `pg_get_functiondef()`
 * prints it. Statements that are not modelled are opaque; a body whose names cannot be told apart
 * is opaque as a whole.
 *
 * @throws UNPARSABLE_SQL, PARSER_NOT_LOADED
 */
export function parsePlpgsqlBody(createFunction: string): PlpgsqlBody | Opaque {
  const statement = createStatement(createFunction)
  try {
    return deepFreeze(convertBody(statement, treeOf(createFunction)))
  } catch (error) {
    if (!(error instanceof Unmodelled)) throw error
    return deepFreeze<Opaque>({ kind: 'opaque', reason: error.reason, text: createFunction })
  }
}

/** The parser knows no catalog, so that some bodies that a server accepts are beyond it. */
function treeOf(createFunction: string): unknown {
  try {
    return parsePlpgsqlTree(createFunction)
  } catch (error) {
    return unmodelled(error instanceof Error ? error.message : 'a PL/pgSQL body')
  }
}

function createStatement(text: string): CreateFunctionStmt {
  const [statement, ...more] = parseStatements(text)
  if (statement === undefined || more.length > 0 || !('CreateFunctionStmt' in statement.node)) {
    throw new WatertightError('UNPARSABLE_SQL', 'the text is not a CREATE FUNCTION statement')
  }
  return statement.node.CreateFunctionStmt
}

function convertBody(create: CreateFunctionStmt, tree: unknown): PlpgsqlBody {
  // The tree says nothing of it, and it changes what names mean (manual, section 41.11.1).
  if (sourceOf(create).includes('#variable_conflict')) unmodelled('#variable_conflict')
  // Nor of the collation that a variable compares its text by.
  if (declaresCollation(sourceOf(create))) unmodelled('a variable with a collation')
  const functions = listOf(isNode(tree) ? tree['plpgsql_funcs'] : undefined)
  const body = fieldsOf(functions[0], 'PLpgSQL_function') ?? unmodelled('no PL/pgSQL function')
  const datums = listOf(body['datums'])
  const { argNames, outNames } = parametersOf(create)
  const known = new Set([...argNames.filter((name) => name !== null), ...outNames])
  const variables = declaredVariables(datums, known)
  // A nested block sets its variables when it is entered, and the tree does not say which are its.
  if (variables.some(({ initial }) => initial !== null) && hasInnerBlock(body['action'])) {
    unmodelled('a block in a block with initial values')
  }
  const assignable = new Set([...known, ...variables.map(({ name }) => name)])
  const statements = convertStatements([body['action']], { datums, assignable })
  const implicit = implicitNames(datums, known)
  return {
    kind: 'plpgsql-body',
    argNames,
    outNames,
    implicitNames: implicit,
    variables,
    statements,
  }
}

/** COLLATE stands between a DECLARE and its BEGIN; a default that names one is left out with it. */
function declaresCollation(source: string): boolean {
  let isDeclaring = false
  for (const { kind, text, quoted } of tokenize(source)) {
    if (kind !== 'name' || quoted) continue
    if (text === 'declare') isDeclaring = true
    else if (text === 'begin') isDeclaring = false
    else if (text === 'collate' && isDeclaring) return true
  }
  return false
}

function hasInnerBlock(action: unknown): boolean {
  const inner = (value: unknown): boolean =>
    isNode(value)
      ? 'PLpgSQL_stmt_block' in value || Object.values(value).some(inner)
      : listOf(value).some(inner)
  return inner(fieldsOf(action, 'PLpgSQL_stmt_block')?.['body'])
}

interface Names {
  readonly argNames: readonly (string | null)[]
  readonly outNames: readonly string[]
}

function parametersOf({ parameters = [] }: CreateFunctionStmt): Names {
  const argNames: (string | null)[] = []
  const outNames: string[] = []
  for (const node of parameters) {
    const { name, mode } = 'FunctionParameter' in node ? node.FunctionParameter : {}
    const isOut =
      mode === 'FUNC_PARAM_OUT' || mode === 'FUNC_PARAM_TABLE' || mode === 'FUNC_PARAM_INOUT'
    if (mode !== 'FUNC_PARAM_OUT' && mode !== 'FUNC_PARAM_TABLE') argNames.push(name ?? null)
    if (isOut) outNames.push(name ?? unmodelled('an OUT argument without a name'))
  }
  return { argNames, outNames }
}

function sourceOf({ options = [] }: CreateFunctionStmt): string {
  return options.map((node) => textOf(node)).join('\n')
}

function textOf(node: Node): string {
  const option = 'DefElem' in node ? node.DefElem : undefined
  if (option?.defname !== 'as' || option.arg === undefined || !('List' in option.arg)) return ''
  return (option.arg.List.items ?? [])
    .map((item) => ('String' in item ? (item.String.sval ?? '') : ''))
    .join('\n')
}
