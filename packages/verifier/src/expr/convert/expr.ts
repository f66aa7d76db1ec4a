import type { Node } from 'libpg-query'
import type { Expr } from '../ir/expr.js'
import { convertCall, convertSqlValue } from './call.js'
import { convertConstant } from './constant.js'
import type { Converter } from './converter.js'
import { entryOf, qualifiedNameOf, required } from './node.js'
import type { Raw, RawKind } from './node.js'
import { convertOperator } from './operator.js'
import { convertColumnRef, convertIndirection } from './reference.js'
import { convertSublink } from './sublink.js'
import { convertBoolean, convertBooleanTest, convertCase, convertNullTest } from './tests.js'
import { convertTypeName } from './type-name.js'
import { unmodelled } from './unmodelled.js'

type Handlers = { readonly [Kind in RawKind]?: (fields: Raw<Kind>, to: Converter) => Expr }

const handlers: Handlers = {
  A_ArrayExpr: ({ elements }, to) => ({ kind: 'array', elements: to.exprs(elements) }),
  A_Const: convertConstant,
  A_Expr: convertOperator,
  A_Indirection: convertIndirection,
  BoolExpr: convertBoolean,
  BooleanTest: convertBooleanTest,
  CaseExpr: convertCase,
  CoalesceExpr: ({ args }, to) => ({ kind: 'coalesce', operands: to.exprs(args) }),
  CollateClause: ({ arg, collname }, to) => ({
    kind: 'collate',
    operand: to.expr(arg),
    collation: qualifiedNameOf(collname),
  }),
  ColumnRef: convertColumnRef,
  FuncCall: convertCall,
  MinMaxExpr: ({ op, args }, to) => ({
    kind: 'extremum',
    which: required(op) === 'IS_GREATEST' ? 'greatest' : 'least',
    operands: to.exprs(args),
  }),
  NullTest: convertNullTest,
  ParamRef: ({ number }) => ({ kind: 'parameter', number: number ?? 0, name: null, written: null }),
  RowExpr: ({ args, row_format }, to) => ({
    kind: 'row',
    elements: to.exprs(args),
    explicit: row_format === 'COERCE_EXPLICIT_CALL',
  }),
  SQLValueFunction: convertSqlValue,
  SubLink: convertSublink,
  TypeCast: ({ arg, typeName }, to) => ({
    kind: 'cast',
    operand: to.expr(arg),
    type: convertTypeName(required(typeName)),
  }),
}

/** The IR of an expression node. Throws Unmodelled for a kind without a handler. */
export function convertExpr(node: Node, to: Converter): Expr {
  const { kind, fields } = entryOf(node)
  if (!(kind in handlers)) return unmodelled(descriptions[kind] ?? `a ${kind} node`)
  const handler = handlers[kind as RawKind] as (fields: unknown, to: Converter) => Expr
  return handler(fields, to)
}

const descriptions: Readonly<Record<string, string>> = {
  GroupingFunc: 'GROUPING()',
  JsonIsPredicate: 'IS JSON',
  MergeSupportFunc: 'merge_action()',
  SetToDefault: 'DEFAULT',
  XmlExpr: 'an XML expression',
  XmlSerialize: 'an XML expression',
}
