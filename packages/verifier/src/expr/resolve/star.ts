import type { Expr, Star } from '../ir/expr.js'
import { bound } from './scope.js'
import type { Scope, ScopeColumn } from './scope.js'

interface Shown {
  readonly columns: readonly ScopeColumn[]
  readonly open: boolean
}

/**
 * The columns that a star stands for; undefined when they cannot be told. `from` are the items of
 * the query's own FROM, which a star without a qualifier is about.
 */
export function starColumns(
  star: Star,
  scope: Scope,
  from: readonly Shown[],
): readonly Expr[] | undefined {
  const { qualifier } = star
  const name = qualifier.at(-1)
  const shown = name === undefined ? from : nearest(name, scope)
  if (shown === undefined || shown.some(({ open }) => open)) return undefined
  return shown.flatMap(({ columns }) =>
    columns.map(({ name, binding }) => bound(binding, { kind: 'column', qualifier, name })),
  )
}

function nearest(name: string, scope: Scope): readonly Shown[] | undefined {
  for (let level: Scope | null = scope; level !== null; level = level.outer) {
    const found = level.items.filter((item) => item.name === name)
    if (found.length > 0) return found
  }
  return undefined
}
