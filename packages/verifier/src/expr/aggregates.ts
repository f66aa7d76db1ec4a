import type { Call, Expr } from './ir/expr.js'
import type { PlainSelect } from './ir/select.js'
import { walk } from './traverse/walk.js'

/** Aggregates of pg_catalog that are called like functions (manual, section 9.21). */
const builtin = new Set(
  `any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp
  every json_agg json_agg_strict json_object_agg json_object_agg_strict json_object_agg_unique
  json_object_agg_unique_strict jsonb_agg jsonb_agg_strict jsonb_object_agg
  jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_agg_unique_strict max min range_agg
  range_intersect_agg regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
  regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance xmlagg`
    .trim()
    .split(/\s+/),
)

/**
 * Whether an expression is known to call an aggregate: by its syntax or by the name of a built-in
 * one. An aggregate of the user's own looks like a function; only the catalog tells.
 */
export function isAggregateCall(expr: Expr): expr is Call {
  if (expr.kind !== 'call') return false
  const { schema, name } = expr.function
  return expr.aggregate !== null || ((schema ?? 'pg_catalog') === 'pg_catalog' && builtin.has(name))
}

/** Whether an expression calls an aggregate outside its sub-queries. */
export function hasAggregate(expr: Expr): boolean {
  let found = false
  walk(expr, {
    expr: (inner) => {
      found ||= isAggregateCall(inner)
    },
    select: () => false,
  })
  return found
}

/** Whether a query surely has one row, made of all the rows that it finds, be they none. */
export function isOneGroup({ targets, groupBy, having, limit, offset }: PlainSelect): boolean {
  const isWhole = groupBy.length === 0 && having === null && limit === null && offset === null
  return isWhole && targets.some(({ value }) => hasAggregate(value))
}
