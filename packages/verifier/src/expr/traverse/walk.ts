import type { Expr, Opaque } from '../ir/expr.js'
import type { FromItem, Select } from '../ir/select.js'
import { mapExpr } from './map-expr.js'
import type { ChildMapper } from './map-expr.js'
import { mapSelect } from './map-select.js'

/** What to do at each node. Returning false leaves out what is below it. */
export interface Visitor {
  readonly expr?: (expr: Expr) => boolean | void
  readonly select?: (select: Select) => boolean | void
  /** Called for joins and for both their sides. */
  readonly fromItem?: (item: FromItem) => void
}

/** Visits an expression and all below it, sub-queries included, each node before its children. */
export function walk(expr: Expr, visitor: Visitor): void {
  walker(visitor).expr(expr)
}

/** Visits a query and all below it. */
export function walkSelect(select: Select, visitor: Visitor): void {
  walker(visitor).select(select)
}

/** Everything that is not modelled in an expression or query. */
export function opaqueParts(root: Expr | Select): readonly Opaque[] {
  const found: Opaque[] = []
  const keep = (node: { readonly kind: string }): void => {
    if (node.kind === 'opaque') found.push(node as Opaque)
  }
  const visitor: Visitor = { expr: keep, select: keep, fromItem: keep }
  if (isSelect(root)) walkSelect(root, visitor)
  else walk(root, visitor)
  return found
}

function isSelect(root: Expr | Select): root is Exclude<Select, Opaque> {
  return root.kind === 'select' || root.kind === 'set-operation' || root.kind === 'values'
}

function walker(visitor: Visitor): ChildMapper {
  const to: ChildMapper = {
    expr: (expr) => {
      if (visitor.expr?.(expr) !== false) mapExpr(expr, to)
      return expr
    },
    select: (select) => {
      if (visitor.select?.(select) === false) return select
      if (select.kind === 'select') for (const item of select.from) visitFrom(item, visitor)
      mapSelect(select, to)
      return select
    },
  }
  return to
}

function visitFrom(item: FromItem, visitor: Visitor): void {
  visitor.fromItem?.(item)
  if (item.kind !== 'join') return
  visitFrom(item.left, visitor)
  visitFrom(item.right, visitor)
}
