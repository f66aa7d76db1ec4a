import type { Column, FunctionInfo, Relation } from 'watertight/catalog'
import { WatertightError } from 'watertight/errors'
import { isNode, kindOf, listOf, textOf } from '../expr/function-body/plpgsql-tree.js'
import type { TreeNode } from '../expr/function-body/plpgsql-tree.js'
import { parseStatements } from '../expr/parser/parser.js'
import type { RawStatement } from '../expr/parser/parser.js'
import { isBearerSecret } from './bearer-secret.js'
import { plainArguments } from './plain-arguments.js'

/**
 * The column is a bearer secret that nobody guesses: its default is as good as 100 random bits of a
 * cryptographic generator, and whatever shortens those, or is not known to keep them, counts for none.
 *
 * @throws PARSER_NOT_LOADED
 */
export function isStrongSecret(
  relation: Relation,
  column: Column,
  functions: readonly FunctionInfo[],
): boolean {
  // The name says that it stands in addresses.
  if (/(^|_)[gu]?u?id$/.test(column.name)) return false
  if (!isBearerSecret(relation, column, functions)) return false
  if (!isPlain(column.baseType) || column.defaultExpression === null) return false
  const value = expressionOf(column.defaultExpression)
  return value !== undefined && bitsOf(value, { functions, given: new Map(), depth: 0 }) >= enough
}

const enough = 100

/** Types whose `=` is PostgreSQL's own and compares the whole value. */
export function isPlain(type: string): boolean {
  return /^(text|uuid|bytea|character varying(\(\d+\))?)$/.test(type)
}

interface Scope {
  readonly functions: readonly FunctionInfo[]
  /** What the arguments of the body were given. */
  readonly given: ReadonlyMap<string, unknown>
  readonly depth: number
}

function bitsOf(node: unknown, scope: Scope): number {
  const { kind, fields } = kindOf(node)
  switch (kind) {
    case 'TypeCast':
      return isWhole(fields['typeName']) ? bitsOf(fields['arg'], scope) : 0
    case 'A_Expr':
      return isJoining(fields)
        ? Math.max(bitsOf(fields['lexpr'], scope), bitsOf(fields['rexpr'], scope))
        : 0
    case 'FuncCall':
      return bitsOfCall(fields, scope)
    default:
      return 0
  }
}

/** A cast without a length, which would cut. */
function isWhole(typeName: unknown): boolean {
  if (!isNode(typeName) || typeName['typmods'] !== undefined) return false
  const names = stringsOf(typeName['names'])
  return ['text', 'varchar', 'bytea', 'uuid'].includes(names.at(-1) ?? '')
}

function isJoining({ kind, name }: TreeNode): boolean {
  return kind === 'AEXPR_OP' && stringsOf(name).at(-1) === '||'
}

function bitsOfCall(call: TreeNode, scope: Scope): number {
  const path = stringsOf(call['funcname'])
  const name = path.at(-1) ?? ''
  const args = listOf(call['args'])
  const own = scope.functions.filter(
    (fn) => fn.name === name && fn.schema !== 'pg_catalog' && fn.extension === null,
  )
  if (own.length > 0) return bitsOfBody(own, path, args, scope)
  const [first, ...rest] = args
  const texts = rest.map((arg) => constantOf(arg, scope))
  switch (name) {
    case 'gen_random_uuid':
    case 'uuid_generate_v4':
      return args.length === 0 ? 122 : 0
    case 'gen_random_bytes':
      return 8 * Number(constantOf(first, scope) ?? 0)
    case 'encode':
      return texts[0] === 'hex' || texts[0] === 'base64' ? bitsOf(first, scope) : 0
    case 'md5':
      return Math.min(bitsOf(first, scope), 128)
    case 'sha256':
      return bitsOf(first, scope)
    case 'upper':
    case 'lower':
      return 0.8 * bitsOf(first, scope)
    // Letters and digits stay as they are.
    case 'rtrim':
    case 'replace':
    case 'translate':
      return isPunctuation(texts[0]) ? 0.9 * bitsOf(first, scope) : 0
    case 'regexp_replace':
      return texts[1] === '' && punctuationOnly.test(texts[0] ?? '')
        ? 0.9 * bitsOf(first, scope)
        : 0
    default:
      return 0
  }
}

function isPunctuation(text: string | undefined): boolean {
  return text !== undefined && /^[-+/=_\\\s]+$/.test(text)
}

/** Classes of characters without letters and digits. */
const punctuationOnly =
  /^\[(\^(a-zA-Z0-9|A-Za-z0-9|0-9a-zA-Z|0-9A-Za-z)|(\\[nr\\]|[-+/=_\s])+)\]\+?$/

/** A generator of the database's own that is one expression. */
function bitsOfBody(
  own: readonly FunctionInfo[],
  path: readonly string[],
  args: readonly unknown[],
  scope: Scope,
): number {
  const [fn, ...others] = own
  if (fn === undefined || others.length > 0 || fn.language !== 'sql' || scope.depth > 4) return 0
  if (path.length > 1 && path.at(-2) !== fn.schema) return 0
  const names = plainArguments(fn)?.map((argument) => argument.name)
  const value = names?.length === args.length ? expressionOf(fn.body, '') : undefined
  if (names === undefined || value === undefined) return 0
  const given = new Map<string, unknown>()
  for (const [index, arg] of args.entries()) {
    const constant = constantOf(arg, scope)
    if (constant === undefined) continue
    given.set(`$${index + 1}`, constant)
    given.set(names[index] ?? '', constant)
  }
  return bitsOf(value, { ...scope, given, depth: scope.depth + 1 })
}

/** A number or text that the expression always is. */
function constantOf(node: unknown, scope: Scope): string | undefined {
  const { kind, fields } = kindOf(node)
  if (kind === 'TypeCast')
    return isWhole(fields['typeName']) ? constantOf(fields['arg'], scope) : undefined
  if (kind === 'ParamRef') return known(scope, `$${Number(fields['number'])}`)
  if (kind === 'ColumnRef') return known(scope, stringsOf(fields['fields']).join('.'))
  if (kind !== 'A_Const') return undefined
  const [text, number] = [fields['sval'], fields['ival']]
  if (isNode(text)) return textOf(text['sval'])
  return isNode(number) ? String(Number(number['ival'] ?? 0)) : undefined
}

function known({ given }: Scope, name: string): string | undefined {
  const value = given.get(name)
  return typeof value === 'string' ? value : undefined
}

/** The only expression of a query without FROM. */
function expressionOf(text: string, select = 'select '): unknown {
  const statements = statementsOf(`${select}${text}`)
  const query = kindOf(statements[0]?.node)
  const { targetList, valuesLists, fromClause, larg } = query.fields
  const [target] = listOf(targetList)
  const isSingle = statements.length === 1 && listOf(targetList).length === 1
  if (!isSingle || query.kind !== 'SelectStmt' || fromClause || valuesLists || larg)
    return undefined
  return kindOf(target).fields['val']
}

function statementsOf(text: string): readonly RawStatement[] {
  try {
    return parseStatements(text)
  } catch (error) {
    if (error instanceof WatertightError && error.code === 'UNPARSABLE_SQL') return []
    throw error
  }
}

function stringsOf(nodes: unknown): readonly string[] {
  return listOf(nodes).map((node) => textOf(kindOf(node).fields['sval']))
}
