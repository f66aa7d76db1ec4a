import type { Expr } from '../ir/expr.js'
import type { PlainSelect, Select, SetOperation, SortKey, Target } from '../ir/select.js'
import { optional } from '../traverse/map-expr.js'
import { resolveCtes } from './ctes.js'
import { outputName } from './output-name.js'
import type { Scope, ScopeItem } from './scope.js'
import { starColumns } from './star.js'
import type { ResolvedFrom, ResolvedSelect, Session } from './session.js'

/** Resolves a query inside `outer`. */
export function resolveSelect(select: Select, outer: Scope, session: Session): ResolvedSelect {
  if (select.kind === 'opaque') return { select, columns: null }
  const { ctes, scope } = resolveCtes(select, outer, session)
  const value = (expr: Expr): Expr => session.expr(expr, scope)
  // LIMIT and OFFSET see no column of the query.
  const bounds = {
    ctes,
    limit: optional(select.limit, { expr: value, select: (inner) => inner }),
    offset: optional(select.offset, { expr: value, select: (inner) => inner }),
  }
  switch (select.kind) {
    case 'values': {
      const width = select.rows[0]?.length ?? 0
      const columns = Array.from({ length: width }, (_, index) => `column${index + 1}`)
      const rows = select.rows.map((row) => row.map(value))
      const orderBy = outputKeys(select.orderBy, columns)
      return { select: { ...select, ...bounds, rows, orderBy }, columns }
    }
    case 'set-operation':
      return resolveSetOperation({ ...select, ...bounds }, scope, session)
    case 'select':
      return resolvePlain({ ...select, ...bounds }, scope, session)
  }
}

function resolveSetOperation(select: SetOperation, scope: Scope, session: Session): ResolvedSelect {
  const left = session.select(select.left, scope)
  const right = session.select(select.right, scope)
  const orderBy = outputKeys(select.orderBy, left.columns)
  return {
    select: { ...select, left: left.select, right: right.select, orderBy },
    columns: left.columns,
  }
}

/** ORDER BY of VALUES and set operations names output columns only. */
function outputKeys(
  keys: readonly SortKey[],
  columns: readonly string[] | null,
): readonly SortKey[] {
  return keys.map((key) => {
    const { value } = key
    const isOutput = value.kind === 'column' && (columns?.includes(value.name) ?? true)
    if (!isOutput) return key
    return { ...key, value: { kind: 'bound-output', name: value.name, written: value } }
  })
}

function resolvePlain(select: PlainSelect, outer: Scope, session: Session): ResolvedSelect {
  const from: ResolvedFrom[] = []
  const items: ScopeItem[] = []
  for (const item of select.from) {
    const resolved = session.fromItem(item, outer, items)
    from.push(resolved)
    items.push(...resolved.items)
  }
  const scope: Scope = { items, ctes: [], outer }
  const value = (expr: Expr): Expr => session.expr(expr, scope)
  const targets = select.targets.flatMap((target) => resolveTarget(target, from, scope, session))
  const known = targets.every(({ value }) => value.kind !== 'star' && value.kind !== 'field-star')
  const names = targets.map(({ alias, value }) => alias ?? outputName(value))
  const key = (expr: Expr, outputFirst: boolean): Expr => {
    const isInput = expr.kind === 'column' && !outputFirst && hasBare(items, expr.name)
    const isOutput = expr.kind === 'column' && expr.qualifier.length === 0 && !isInput
    if (!isOutput || !names.includes(expr.name)) return value(expr)
    return { kind: 'bound-output', name: expr.name, written: expr }
  }
  return {
    select: {
      ...select,
      from: from.map(({ item }) => item),
      targets,
      where: select.where === null ? null : value(select.where),
      // An output name goes first in ORDER BY and DISTINCT ON, an input column in GROUP BY
      // (manual, SELECT).
      distinct: select.distinct?.map((expr) => key(expr, true)) ?? null,
      groupBy: select.groupBy.map((expr) => key(expr, false)),
      having: select.having === null ? null : value(select.having),
      orderBy: select.orderBy.map((sort) => ({ ...sort, value: key(sort.value, true) })),
    },
    columns: known ? names : null,
  }
}

function hasBare(items: readonly ScopeItem[], name: string): boolean {
  return items.some(
    (item) => item.bare && (item.open || item.columns.some((column) => column.name === name)),
  )
}

/** A star becomes its columns where these are known. */
function resolveTarget(
  target: Target,
  from: readonly ResolvedFrom[],
  scope: Scope,
  session: Session,
): readonly Target[] {
  const { value } = target
  if (value.kind !== 'star') return [{ ...target, value: session.expr(value, scope) }]
  const columns = starColumns(value, scope, from)
  return columns?.map((column) => ({ value: column, alias: outputName(column) })) ?? [target]
}
