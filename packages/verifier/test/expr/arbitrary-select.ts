import fc from 'fast-check'
import type { Call, Expr } from '../../src/expr/ir/expr.js'
import type { Alias, FromItem, JoinItem, QueryTail, Select } from '../../src/expr/ir/select.js'
import type { SortKey } from '../../src/expr/ir/select.js'
import { arbitraryName, arbitraryType } from './arbitrary-name.js'

interface Parts {
  readonly expr: fc.Arbitrary<Expr>
  readonly call: fc.Arbitrary<Call>
  readonly select: fc.Arbitrary<Select>
  readonly sortKey: fc.Arbitrary<SortKey>
}

/** Any query that some text parses to, from generators of its parts. */
export function arbitrarySelect({ expr, call, select, sortKey }: Parts): fc.Arbitrary<Select> {
  const optional = fc.option(expr, { freq: 1 })
  const few = <T>(of: fc.Arbitrary<T>, minLength = 0): fc.Arbitrary<T[]> =>
    fc.array(of, { minLength, maxLength: 2 })
  const name = arbitraryName
  const alias: fc.Arbitrary<Alias> = fc.record({ name, columns: few(name) })
  const table = fc.record({
    kind: fc.constant('table' as const),
    schema: fc.option(name),
    name,
    only: fc.boolean(),
    alias: fc.option(alias),
    occurrence: fc.constant(null),
    cte: fc.constant(false),
  })
  const subselect = fc.record({
    kind: fc.constant('subselect' as const),
    select,
    lateral: fc.boolean(),
    alias: fc.option(alias),
    occurrence: fc.constant(null),
  })
  const called: fc.Arbitrary<FromItem> = fc
    .record({
      kind: fc.constant('function' as const),
      call,
      lateral: fc.boolean(),
      ordinality: fc.boolean(),
      alias: fc.option(alias),
      definitions: few(fc.record({ name, type: arbitraryType })),
      occurrence: fc.constant(null),
    })
    .map((item) =>
      item.definitions.length === 0
        ? item
        : { ...item, alias: item.alias && { ...item.alias, columns: [] }, ordinality: false },
    )
  const simple: fc.Arbitrary<FromItem> = fc.oneof(table, subselect, called)
  const join = fc
    .record({
      left: simple,
      right: simple,
      type: fc.constantFrom('inner' as const, 'left' as const, 'right' as const, 'full' as const),
      how: fc.constantFrom('cross', 'natural', 'on', 'using'),
      on: expr,
      using: few(name, 1),
      usingAlias: fc.option(name),
      alias: fc.option(alias),
    })
    .map(({ how, on, using, usingAlias, type, ...rest }): JoinItem => ({
      kind: 'join',
      ...rest,
      type: how === 'cross' ? 'cross' : type,
      natural: how === 'natural',
      on: how === 'on' ? on : null,
      using: how === 'using' ? using : [],
      usingAlias: how === 'using' ? usingAlias : null,
    }))
  const tail: fc.Arbitrary<QueryTail> = fc
    .record({
      ctes: few(
        fc.record({
          name,
          columns: few(name),
          select,
          materialized: fc.constantFrom('default' as const, 'always' as const, 'never' as const),
        }),
      ),
      recursive: fc.boolean(),
      orderBy: few(sortKey),
      limit: optional,
      offset: optional,
      withTies: fc.boolean(),
      locking: few(
        fc.record({
          strength: fc.constantFrom(
            ...(['update', 'no-key-update', 'share', 'key-share'] as const),
          ),
          of: few(name),
          wait: fc.constantFrom('block' as const, 'skip' as const, 'error' as const),
        }),
      ),
    })
    .map(({ ctes, recursive, orderBy, limit, withTies, locking, ...rest }) => {
      const ties = withTies && orderBy.length > 0 && limit !== null
      return {
        ...rest,
        ctes,
        orderBy,
        limit,
        recursive: recursive && ctes.length > 0,
        withTies: ties,
        locking: ties ? [] : locking,
      }
    })
  const body: fc.Arbitrary<(tail: QueryTail) => Select> = fc.oneof(
    fc
      .record({
        targets: few(fc.record({ value: expr, alias: fc.option(name) })),
        from: few(fc.oneof(simple, join)),
        where: optional,
        distinct: fc.option(few(expr), { freq: 1 }),
        groupBy: few(expr),
        groupDistinct: fc.boolean(),
        having: optional,
      })
      .map((fields) => (around: QueryTail): Select => ({
        kind: 'select',
        ...fields,
        // The grammar wants a target after DISTINCT and a key after GROUP BY DISTINCT.
        distinct: fields.targets.length === 0 ? null : fields.distinct,
        groupDistinct: fields.groupDistinct && fields.groupBy.length > 0,
        ...around,
      })),
    fc
      .record({
        operation: fc.constantFrom('union' as const, 'intersect' as const, 'except' as const),
        all: fc.boolean(),
        left: select,
        right: select,
      })
      .map((fields) => (around: QueryTail): Select => ({
        kind: 'set-operation',
        ...fields,
        ...around,
      })),
    few(few(expr, 1), 1).map((rows) => (around: QueryTail): Select => ({
      kind: 'values',
      rows,
      ...around,
    })),
  )
  return fc.tuple(body, tail).map(([make, around]) => make(around))
}
