import type { Node, SelectStmt } from 'libpg-query'
import type { Expr } from '../ir/expr.js'
import type { PlainSelect, Select, SetOperation, Target } from '../ir/select.js'
import type { Converter } from './converter.js'
import { raw, rawIf, required } from './node.js'
import { convertTail } from './query-tail.js'
import { unmodelled } from './unmodelled.js'

const operations = {
  SETOP_UNION: 'union',
  SETOP_INTERSECT: 'intersect',
  SETOP_EXCEPT: 'except',
} as const

/** Any form of SELECT, VALUES and TABLE. Throws Unmodelled for what the IR has no place for. */
export function convertSelect(statement: SelectStmt, to: Converter): Select {
  if (statement.intoClause !== undefined) return unmodelled('SELECT INTO')
  if (statement.windowClause !== undefined) return unmodelled('a WINDOW clause')
  const tail = convertTail(statement, to)
  const op = statement.op ?? 'SETOP_NONE'
  if (op !== 'SETOP_NONE') {
    const operation: SetOperation['operation'] = operations[op]
    return {
      kind: 'set-operation',
      operation,
      all: statement.all ?? false,
      left: to.select(required(statement.larg)),
      right: to.select(required(statement.rarg)),
      ...tail,
    }
  }
  if (statement.valuesLists !== undefined) {
    return { kind: 'values', rows: statement.valuesLists.map((row) => valuesRow(row, to)), ...tail }
  }
  return { ...plainSelect(statement, to), ...tail }
}

type PlainPart = Omit<PlainSelect, keyof ReturnType<typeof convertTail>>

function plainSelect(statement: SelectStmt, to: Converter): PlainPart {
  return {
    kind: 'select',
    targets: (statement.targetList ?? []).map((node) => targetOf(node, to)),
    from: (statement.fromClause ?? []).map((node) => to.fromItem(node)),
    where: to.optional(statement.whereClause),
    distinct: distinctOf(statement.distinctClause, to),
    groupBy: (statement.groupClause ?? []).map((node) => groupKey(node, to)),
    groupDistinct: statement.groupDistinct ?? false,
    having: to.optional(statement.havingClause),
  }
}

function targetOf(node: Node, to: Converter): Target {
  const target = raw(node, 'ResTarget')
  return { value: to.expr(target.val), alias: target.name ?? null }
}

/** Plain DISTINCT is a list with one empty node. */
function distinctOf(clause: Node[] | undefined, to: Converter): readonly Expr[] | null {
  if (clause === undefined) return null
  return to.exprs(clause.filter((node) => Object.keys(node).length > 0))
}

function groupKey(node: Node, to: Converter): Expr {
  return rawIf(node, 'GroupingSet') === undefined ? to.expr(node) : unmodelled('a grouping set')
}

function valuesRow(node: Node, to: Converter): readonly Expr[] {
  return to.exprs(raw(node, 'List').items)
}
