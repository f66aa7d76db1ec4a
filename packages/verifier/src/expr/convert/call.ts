import type { FuncCall, Node, SQLValueFunction, SQLValueFunctionOp } from 'libpg-query'
import type { AggregateClause, Call, CallArgument, SqlValue, SqlValueName } from '../ir/expr.js'
import { hasStandardSyntax } from '../print/standard-syntax.js'
import type { Converter } from './converter.js'
import { qualifiedNameOf, rawIf, required } from './node.js'
import { convertSortKey } from './sort-key.js'
import { unmodelled } from './unmodelled.js'

/** A function call, aggregates included; window functions and ordered sets are not modelled. */
export function convertCall(call: FuncCall, to: Converter): Call {
  if (call.over !== undefined) return unmodelled('a window function')
  if (call.agg_within_group === true) return unmodelled('an ordered-set aggregate')
  const converted: Call = {
    kind: 'call',
    function: qualifiedNameOf(call.funcname),
    args: (call.args ?? []).map((node) => argumentOf(node, to)),
    variadic: call.func_variadic ?? false,
    standardSyntax: call.funcformat === 'COERCE_SQL_SYNTAX',
    aggregate: aggregateOf(call, to),
  }
  if (converted.standardSyntax && !hasStandardSyntax(converted)) {
    return unmodelled(`the syntax of ${converted.function.name}`)
  }
  return converted
}

function argumentOf(node: Node, to: Converter): CallArgument {
  const named = rawIf(node, 'NamedArgExpr')
  if (named === undefined) return { name: null, value: to.expr(node) }
  return { name: required(named.name), value: to.expr(named.arg) }
}

function aggregateOf(call: FuncCall, to: Converter): AggregateClause | null {
  const clause: AggregateClause = {
    star: call.agg_star ?? false,
    distinct: call.agg_distinct ?? false,
    orderBy: (call.agg_order ?? []).map((node) => convertSortKey(node, to)),
    filter: to.optional(call.agg_filter),
  }
  const { star, distinct, orderBy, filter } = clause
  return star || distinct || orderBy.length > 0 || filter !== null ? clause : null
}

const sqlValues: Readonly<Record<SQLValueFunctionOp, SqlValueName>> = {
  SVFOP_CURRENT_CATALOG: 'current_catalog',
  SVFOP_CURRENT_DATE: 'current_date',
  SVFOP_CURRENT_ROLE: 'current_role',
  SVFOP_CURRENT_SCHEMA: 'current_schema',
  SVFOP_CURRENT_TIME: 'current_time',
  SVFOP_CURRENT_TIME_N: 'current_time',
  SVFOP_CURRENT_TIMESTAMP: 'current_timestamp',
  SVFOP_CURRENT_TIMESTAMP_N: 'current_timestamp',
  SVFOP_CURRENT_USER: 'current_user',
  SVFOP_LOCALTIME: 'localtime',
  SVFOP_LOCALTIME_N: 'localtime',
  SVFOP_LOCALTIMESTAMP: 'localtimestamp',
  SVFOP_LOCALTIMESTAMP_N: 'localtimestamp',
  SVFOP_SESSION_USER: 'session_user',
  SVFOP_USER: 'user',
}

/** `current_user`, `current_timestamp(3)` and the like. */
export function convertSqlValue(value: SQLValueFunction): SqlValue {
  const op = required(value.op)
  return {
    kind: 'sql-value',
    name: sqlValues[op],
    precision: op.endsWith('_N') ? (value.typmod ?? 0) : null,
  }
}
