import fc from 'fast-check'
import type { Call, Expr, Literal, SqlValue } from '../../src/expr/ir/expr.js'
import type { QualifiedName } from '../../src/expr/ir/names.js'
import type { Select } from '../../src/expr/ir/select.js'
import { arbitraryName, arbitraryText, arbitraryType } from './arbitrary-name.js'
import { arbitrarySelect } from './arbitrary-select.js'

/** A shape of the IR: each of its fields drawn from a generator of its own. */
type Fields<T> = { readonly [Key in keyof T]: fc.Arbitrary<T[Key]> }

function node<T extends Expr>(fields: Fields<T>): fc.Arbitrary<T> {
  return fc.record(fields) as fc.Arbitrary<T>
}

const qualified: fc.Arbitrary<QualifiedName> = fc.record({
  schema: fc.option(arbitraryName),
  name: arbitraryName,
})

const operator: fc.Arbitrary<QualifiedName> = fc.record({
  schema: fc.option(arbitraryName),
  name: fc.constantFrom('=', '<>', '<', '>=', '||', '->>', '@>', '~~', '!~*', '*', '&&', '^', '#-'),
})

const literal: fc.Arbitrary<Literal> = fc.oneof(
  fc.constant<Literal>({ kind: 'literal', type: 'null', value: null }),
  fc.boolean().map<Literal>((value) => ({ kind: 'literal', type: 'boolean', value })),
  fc
    .integer({ min: -2147483647, max: 2147483647 })
    .map<Literal>((value) => ({ kind: 'literal', type: 'integer', value })),
  fc
    .constantFrom('1.5', '-1.50', '12345678901', '1e10', '.5', '-2147483648')
    .map<Literal>((value) => ({ kind: 'literal', type: 'numeric', value })),
  arbitraryText.map<Literal>((value) => ({ kind: 'literal', type: 'string', value })),
  fc
    .constantFrom('b01', 'x1F', 'b')
    .map<Literal>((value) => ({ kind: 'literal', type: 'bits', value })),
)

const sqlValue: fc.Arbitrary<SqlValue> = fc
  .tuple(
    fc.constantFrom(
      ...(['current_user', 'session_user', 'current_role', 'user', 'current_schema'] as const),
      ...(['current_time', 'localtimestamp', 'current_date', 'current_catalog'] as const),
    ),
    fc.option(fc.nat({ max: 6 })),
  )
  .map(([name, precision]) => ({
    kind: 'sql-value',
    name,
    precision: name === 'current_time' || name === 'localtimestamp' ? precision : null,
  }))

const column: fc.Arbitrary<Expr> = fc.record({
  kind: fc.constant('column' as const),
  qualifier: fc.array(arbitraryName, { maxLength: 2 }),
  name: arbitraryName,
})

const parameter: fc.Arbitrary<Expr> = fc
  .integer({ min: 1, max: 99 })
  .map((number) => ({ kind: 'parameter', number, name: null, written: null }))

/** One budget for expressions and queries in each other. */
const depth = { maxDepth: 5, depthSize: 'small', depthIdentifier: 'ir' } as const

const smallest: Select = {
  kind: 'values',
  rows: [[{ kind: 'literal', type: 'integer', value: 0 }]],
  ctes: [],
  recursive: false,
  orderBy: [],
  limit: null,
  offset: null,
  withTies: false,
  locking: [],
}

const { expr, select } = fc.letrec<{ expr: Expr; select: Select; call: Call }>((tie) => {
  const expr = tie('expr')
  const optional = fc.option(expr, { freq: 2 })
  const negated = fc.boolean()
  const list = (minLength: number): fc.Arbitrary<Expr[]> =>
    fc.array(expr, { minLength, maxLength: 3 })
  // A single sub-query in parentheses is read as the sub-query form.
  const notSubquery = expr.filter(({ kind }) => kind !== 'subquery')
  // The grammar flattens on the left.
  const chain = (kind: 'and' | 'or'): fc.Arbitrary<Expr> =>
    list(2)
      .filter(([first]) => first?.kind !== kind)
      .map((operands) => ({ kind, operands }))
  const argument = fc.record({ name: fc.option(arbitraryName, { freq: 1 }), value: expr })
  const call = fc
    .record({
      function: qualified,
      args: fc.array(argument, { maxLength: 3 }),
      variadic: fc.boolean(),
    })
    .map(({ args, variadic, ...rest }): Call => ({
      kind: 'call',
      ...rest,
      args,
      variadic: variadic && args.length > 0,
      standardSyntax: false,
      aggregate: null,
    }))
  const sortKey = fc.record({
    value: expr,
    direction: fc.constantFrom('default' as const, 'asc' as const, 'desc' as const),
    nulls: fc.constantFrom('default' as const, 'first' as const, 'last' as const),
  })
  const aggregate = fc
    .record({ call, orderBy: fc.array(sortKey, { maxLength: 2 }), distinct: negated, filter: expr })
    .map(({ call, orderBy, distinct, filter }): Expr =>
      call.args.length === 0
        ? { ...call, aggregate: { star: true, distinct: false, orderBy: [], filter } }
        : { ...call, variadic: false, aggregate: { star: false, distinct, orderBy, filter } },
    )
  const index = fc
    .record({ slice: fc.boolean(), lower: optional, upper: optional, only: expr })
    .map(({ slice, lower, upper, only }) =>
      slice ? { slice, lower, upper } : { slice, lower: null, upper: only },
    )
  const inner = tie('select')
  const c = <T>(value: T): fc.Arbitrary<T> => fc.constant(value)
  return {
    call,
    select: fc.oneof(
      depth,
      fc.constant(smallest),
      arbitrarySelect({ expr, call, select: inner, sortKey }),
    ),
    expr: fc.oneof(
      depth,
      fc.oneof(literal, column, sqlValue, parameter),
      node({ kind: c('cast'), operand: expr, type: arbitraryType }),
      chain('and'),
      chain('or'),
      node({ kind: c('not'), operand: expr }),
      node({ kind: c('null-test'), operand: expr, negated }),
      node({
        kind: c('boolean-test'),
        operand: expr,
        value: fc.constantFrom('true', 'false', 'unknown'),
        negated,
      }),
      node({ kind: c('distinct-test'), left: expr, right: expr, negated }),
      node({ kind: c('operator'), operator, left: expr, right: expr }),
      node({
        kind: c('operator'),
        operator: c({ schema: null, name: '@' }),
        left: c(null),
        right: expr,
      }),
      node({
        kind: c('pattern-test'),
        form: fc.constantFrom('like', 'ilike', 'similar'),
        operand: expr,
        pattern: expr,
        escape: optional,
        negated,
      }),
      node({
        kind: c('between'),
        operand: expr,
        low: expr,
        high: expr,
        symmetric: fc.boolean(),
        negated,
      }),
      node({
        kind: c('in-list'),
        operand: expr,
        items: fc.tuple(notSubquery, list(0)).map(([first, rest]) => [first, ...rest]),
        negated,
      }),
      node({
        kind: c('array-quantified'),
        quantifier: fc.constantFrom('any', 'all'),
        operator,
        left: expr,
        array: notSubquery,
      }),
      node({ kind: c('array'), elements: list(0) }),
      node({ kind: c('row'), elements: list(2), explicit: fc.boolean() }),
      node({ kind: c('row'), elements: list(0), explicit: c(true) }),
      node({
        kind: c('case'),
        operand: optional,
        branches: fc.array(fc.record({ when: expr, result: expr }), { minLength: 1, maxLength: 2 }),
        otherwise: optional,
      }),
      node({ kind: c('coalesce'), operands: list(1) }),
      node({ kind: c('nullif'), left: expr, right: expr }),
      node({ kind: c('extremum'), which: fc.constantFrom('greatest', 'least'), operands: list(1) }),
      call,
      aggregate,
      node({
        kind: c('subquery'),
        form: fc.constantFrom('scalar', 'exists', 'array'),
        select: inner,
      }),
      node({
        kind: c('subquery-quantified'),
        quantifier: c('any' as const),
        operator: fc.option(operator),
        left: expr,
        select: inner,
      }),
      node({
        kind: c('subquery-quantified'),
        quantifier: c('all' as const),
        operator,
        left: expr,
        select: inner,
      }),
      node({
        kind: c('subscript'),
        operand: expr,
        indices: fc.array(index, { minLength: 1, maxLength: 2 }),
      }),
      node({ kind: c('field'), operand: expr, name: arbitraryName }),
      node({ kind: c('field-star'), operand: expr }),
      node({ kind: c('collate'), operand: expr, collation: qualified }),
    ),
  }
})

/** Any expression that some text parses to. */
export const arbitraryExpr: fc.Arbitrary<Expr> = expr
/** Any query that some text parses to. */
export const arbitraryQuery: fc.Arbitrary<Select> = select
