import type { FunctionInfo, Relation } from 'watertight/catalog'
import { fieldsOf, isNode, kindOf, listOf, textOf } from '../../expr/function-body/plpgsql-tree.js'
import type { TreeNode } from '../../expr/function-body/plpgsql-tree.js'
import { isPlain, isStrongSecret } from '../../graph/strong-secret.js'
import { plainArguments } from '../../graph/plain-arguments.js'
import type { Subject } from '../encode/encoding.js'
import { isWritable, pathOfFunction } from '../encode/search-path.js'
import type { RoutineBody } from './routine-body.js'

/** A column whose value is all that somebody needs to be given what its row holds. */
export interface Secret {
  readonly relation: Relation
  readonly column: string
}

/** A relation that a query names, with the name that its columns go by. */
export interface Range {
  readonly alias: string
  /** Undefined where the name may mean something else. */
  readonly relation: Relation | undefined
}

/** The query gives nothing but rows whose secret is an argument of the function that runs it. */
export interface SecretLookup {
  readonly secret: Secret
  readonly alias: string
  readonly ranges: readonly Range[]
}

/** Reads the queries of a function. */
export interface LookupReader {
  /** Names without a schema mean nothing that a caller can make. */
  readonly isPathSafe: boolean
  /** Undefined for a query that may give rows whose secret the caller does not know. */
  lookup(kind: string, fields: TreeNode): SecretLookup | undefined
}

/** What the queries of a body ask for; the search_path must be the function's own. */
export function lookupReader(
  subject: Subject,
  fn: FunctionInfo,
  body: RoutineBody,
): LookupReader | undefined {
  const path = pathOfFunction(fn)
  const given = plainArguments(fn)
  if (path.kind !== 'pinned' || given === undefined) return undefined
  if (path.schemas.some((schema) => schema !== 'pg_temp' && isWritable({ subject }, schema))) {
    return undefined
  }
  const filled = new Set(body.statements.flatMap(({ into }) => into))
  const isGiven = (name: string): boolean => {
    const argument = given.find((each) => each.name === name)
    if (argument === undefined || !isPlain(nameOfType[argument.type] ?? '')) return false
    if (fn.language !== 'plpgsql') return true
    const variable = body.variables.get(name)
    return (
      variable?.isArgument === true &&
      variable.given.length === 0 &&
      !body.obscure.has(name) &&
      !filled.has(name)
    )
  }
  const isGivenAt = (place: number): boolean => {
    const argument = given[place - 1]
    if (argument === undefined) return false
    if (argument.name !== '') return isGiven(argument.name)
    // No statement can fill an argument without a name but by its number.
    return fn.language !== 'plpgsql' && isPlain(nameOfType[argument.type] ?? '')
  }
  const meant = (range: TreeNode): Relation | undefined => {
    const { schemaname, relname } = range
    const find = (schema: unknown): Relation | undefined =>
      subject.catalog.relations.find((each) => each.schema === schema && each.name === relname)
    if (schemaname !== undefined) return find(schemaname)
    return path.tempLast ? path.schemas.map(find).find((found) => found !== undefined) : undefined
  }
  return {
    isPathSafe: path.tempLast,
    lookup: (kind, fields) => {
      const ranges = rangesOf(kind, fields, meant)
      if (ranges === undefined) return undefined
      const isColumn = (name: string): boolean =>
        ranges.some(({ relation }) => relation?.columns.some((each) => each.name === name) ?? true)
      const isAsked = (value: unknown): boolean => {
        const node = kindOf(value)
        if (node.kind === 'ParamRef') return isGivenAt(Number(node.fields['number']))
        if (node.kind === 'ColumnRef') {
          const [first = '', second, ...more] = pathOf(node.fields)
          if (more.length > 0) return false
          if (second === undefined) return isGiven(first) && !isColumn(first)
          // The argument by the name of its function.
          return (
            first === fn.name && isGiven(second) && !ranges.some((each) => each.alias === first)
          )
        }
        if (node.kind === 'TypeCast') return isPlainCast(node.fields) && isAsked(node.fields['arg'])
        return (
          node.kind === 'FuncCall' && isTrimmed(node.fields) && isAsked(argumentOf(node.fields))
        )
      }
      for (const condition of conjuncts(fields['whereClause'])) {
        for (const [left, right] of equalSides(condition)) {
          const found = secretOf(subject, left, ranges)
          if (found !== undefined && isAsked(right)) return { ...found, ranges }
        }
      }
      return undefined
    },
  }
}

/** Names of types as a function's arguments have them. */
const nameOfType: Readonly<Record<string, string>> = {
  text: 'text',
  uuid: 'uuid',
  bytea: 'bytea',
  varchar: 'character varying',
}

function isPlainCast({ typeName }: TreeNode): boolean {
  const names = isNode(typeName) ? stringsOf(typeName['names']) : []
  return (names.at(-1) ?? '') in nameOfType
}

function argumentOf(call: TreeNode): unknown {
  const [first, ...more] = listOf(call['args'])
  return more.every((arg) => kindOf(arg).kind === 'A_Const') ? first : undefined
}

/** The answer depends on the argument alone. */
function isTrimmed(call: TreeNode): boolean {
  const path = stringsOf(call['funcname'])
  const isBuiltIn = path.length === 1 || path[0] === 'pg_catalog'
  return (
    isBuiltIn && ['btrim', 'trim', 'ltrim', 'rtrim', 'lower', 'upper'].includes(path.at(-1) ?? '')
  )
}

/** Undefined where the query has rows that do not come from relations one by one. */
function rangesOf(
  kind: string,
  fields: TreeNode,
  meant: (range: TreeNode) => Relation | undefined,
): readonly Range[] | undefined {
  const { relation, fromClause, usingClause, withClause, op, larg, valuesLists } = fields
  if (withClause !== undefined || larg !== undefined || valuesLists !== undefined) return undefined
  if (op !== undefined && op !== 'SETOP_NONE') return undefined
  const target =
    kind === 'SelectStmt' ? [] : [isNode(relation) ? { RangeVar: relation } : undefined]
  const found: Range[] = []
  const add = (node: unknown): boolean => {
    const join = fieldsOf(node, 'JoinExpr')
    if (join !== undefined) {
      const { alias, isNatural, usingClause: shared, larg: left, rarg: right } = join
      const isNamed = alias !== undefined || isNatural === true || shared !== undefined
      return !isNamed && add(left) && add(right)
    }
    const range = fieldsOf(node, 'RangeVar')
    const alias = isNode(range?.['alias']) ? range['alias'] : undefined
    if (range === undefined || alias?.['colnames'] !== undefined) return false
    found.push({ alias: textOf(alias?.['aliasname'] ?? range['relname']), relation: meant(range) })
    return true
  }
  const isRead = [...target, ...listOf(fromClause), ...listOf(usingClause)].every(add)
  return isRead && ['SelectStmt', 'UpdateStmt', 'DeleteStmt'].includes(kind) ? found : undefined
}

/** The column that a reference means, and whose it is. */
export function columnMeant(
  node: unknown,
  ranges: readonly Range[],
): { readonly range: Range; readonly column: string } | undefined {
  const reference = fieldsOf(node, 'ColumnRef')
  const path = reference === undefined ? [] : pathOf(reference)
  const column = path.at(-1)
  if (column === undefined || path.length > 2) return undefined
  const ofName = ranges.filter(({ alias, relation }) =>
    path.length === 2
      ? alias === path[0]
      : (relation?.columns.some(({ name }) => name === column) ?? true),
  )
  const [range, ...others] = ofName
  return range === undefined || others.length > 0 ? undefined : { range, column }
}

function secretOf(
  { catalog }: Subject,
  node: unknown,
  ranges: readonly Range[],
): { readonly secret: Secret; readonly alias: string } | undefined {
  const found = columnMeant(node, ranges)
  const relation = found?.range.relation
  const column = relation?.columns.find(({ name }) => name === found?.column)
  if (found === undefined || relation === undefined || column === undefined) return undefined
  if (!isStrongSecret(relation, column, catalog.functions)) return undefined
  return { secret: { relation, column: column.name }, alias: found.range.alias }
}

function conjuncts(condition: unknown): readonly unknown[] {
  const both = fieldsOf(condition, 'BoolExpr')
  if (both === undefined || both['boolop'] !== 'AND_EXPR') return [condition]
  return listOf(both['args']).flatMap(conjuncts)
}

function equalSides(condition: unknown): readonly (readonly [unknown, unknown])[] {
  const test = fieldsOf(condition, 'A_Expr')
  if (test === undefined || test['kind'] !== 'AEXPR_OP') return []
  if (
    stringsOf(test['name'])
      .join('.')
      .replace(/^pg_catalog\./, '') !== '='
  )
    return []
  const { lexpr, rexpr } = test
  return [
    [lexpr, rexpr],
    [rexpr, lexpr],
  ]
}

/** The parts of a reference; `*` for all columns. */
export function pathOf(reference: TreeNode): readonly string[] {
  return listOf(reference['fields']).map((field) =>
    isNode(field) && 'A_Star' in field ? '*' : textOf(kindOf(field).fields['sval']),
  )
}

function stringsOf(nodes: unknown): readonly string[] {
  return listOf(nodes).map((node) => textOf(kindOf(node).fields['sval']))
}
