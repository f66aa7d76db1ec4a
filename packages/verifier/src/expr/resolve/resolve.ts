import { deepFreeze } from '../freeze.js'
import type { Expr, RowConstructor } from '../ir/expr.js'
import type { Select } from '../ir/select.js'
import { mapExpr } from '../traverse/map-expr.js'
import { resolveColumn, resolveStar } from './column.js'
import { resolveFromItem } from './from-item.js'
import type { Resolution, ResolveOptions } from './resolution.js'
import { emptyScope } from './scope.js'
import type { Scope, ScopeItem } from './scope.js'
import { resolveSelect } from './select.js'
import { addOccurrence } from './session.js'
import { starColumns } from './star.js'
import type { Session } from './session.js'

/**
 * Resolves the names of an expression by PostgreSQL's scoping rules: an inner name hides an outer
 * one, whatever the author meant. What cannot be resolved stays as written and is a problem.
 *
 * @example
 * ```ts
 * resolve(parseExpression('exists (select from m where m.tenant_id = tenant_id)'), {
 *   relations: [{ schema: 'app', name: 'orders', columns: ['tenant_id'] }],
 *   lookup,
 * })
 * // both sides are bound to the tenant_id of m
 * ```
 */
export function resolve(expr: Expr, options: ResolveOptions): Resolution<Expr> {
  const session = makeSession(options)
  const scope = rootScope(options, session)
  return finished(session.expr(expr, scope), session)
}

/** Resolves the names of a query as {@link resolve} does those of an expression. */
export function resolveQuery(select: Select, options: ResolveOptions): Resolution<Select> {
  const session = makeSession(options)
  const scope = rootScope(options, session)
  return finished(session.select(select, scope).select, session)
}

function finished<T>(node: T, { occurrences, problems }: Session): Resolution<T> {
  return deepFreeze({ node, occurrences, problems })
}

function makeSession(options: ResolveOptions): Session {
  const session: Session = {
    lookup: options.lookup,
    parameters: options.parameters ?? null,
    occurrences: [],
    problems: [],
    fork: () => makeSession(options),
    select: (select, scope) => resolveSelect(select, scope, session),
    fromItem: (item, scope, before) => resolveFromItem(item, scope, before, session),
    expr: (expr, scope) => {
      if (expr.kind === 'column') return resolveColumn(expr, scope, session)
      if (expr.kind === 'star') return resolveStar(expr, scope, session)
      return mapExpr(expr.kind === 'row' ? expandStars(expr, scope) : expr, {
        expr: (child) => session.expr(child, scope),
        select: (select) => session.select(select, scope).select,
      })
    },
  }
  return session
}

/** Inside ROW a star means its columns; as any other operand, the whole row. */
function expandStars(row: RowConstructor, scope: Scope): RowConstructor {
  const elements = row.elements.flatMap((element) =>
    element.kind === 'star' ? (starColumns(element, scope, []) ?? [element]) : [element],
  )
  return { ...row, elements }
}

function rootScope({ relations = [] }: ResolveOptions, session: Session): Scope {
  const items = relations.map(({ schema, name, columns, alias }): ScopeItem => {
    const { id } = addOccurrence(session, {
      kind: 'relation',
      schema,
      name,
      alias: alias ?? name,
      columns,
      select: null,
    })
    return {
      name: alias ?? name,
      schema: alias === undefined ? schema : null,
      columns: columns.map((column) => ({
        name: column,
        binding: { kind: 'column', occurrence: id, column },
      })),
      open: false,
      bare: true,
      occurrence: id,
      system: true,
    }
  })
  return items.length === 0 ? emptyScope : { items, ctes: [], outer: null }
}
