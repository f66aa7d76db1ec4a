import type { ColumnRef, Expr } from '../ir/expr.js'
import type { Select } from '../ir/select.js'

/** What a column name stands for. A column merged by a FULL JOIN comes from either side. */
export type Binding =
  | { readonly kind: 'column'; readonly occurrence: number; readonly column: string }
  | { readonly kind: 'merged'; readonly left: Binding; readonly right: Binding }

export interface ScopeColumn {
  readonly name: string
  readonly binding: Binding
}

/** A from-item as the names in its reach see it. */
export interface ScopeItem {
  /** The name that qualifies its columns; null for a join without an alias. */
  readonly name: string | null
  /** Not null for a relation without an alias, which its schema may qualify further. */
  readonly schema: string | null
  readonly columns: readonly ScopeColumn[]
  /** Whether it may have more columns than are known. */
  readonly open: boolean
  /** Whether its columns can be named without its name; false below a join, which shows them. */
  readonly bare: boolean
  /** Null for a join. */
  readonly occurrence: number | null
  /** Whether it has the system columns of a table. */
  readonly system: boolean
}

/** A common table in reach. */
export interface ScopeCte {
  readonly name: string
  readonly columns: readonly string[] | null
  /** Null inside its own recursive definition. */
  readonly select: Select | null
}

/** One query level and what is around it. */
export interface Scope {
  readonly items: readonly ScopeItem[]
  readonly ctes: readonly ScopeCte[]
  readonly outer: Scope | null
}

export const emptyScope: Scope = { items: [], ctes: [], outer: null }

/** The common table of a name that is nearest. */
export function findCte(scope: Scope | null, name: string): ScopeCte | undefined {
  for (let level = scope; level !== null; level = level.outer) {
    const found = level.ctes.findLast((cte) => cte.name === name)
    if (found !== undefined) return found
  }
  return undefined
}

/** System columns of every table (manual, section 5.6). */
const systemColumns = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'])

/** The column of an item by name. */
export function columnsNamed(item: ScopeItem, name: string): readonly ScopeColumn[] {
  const found = item.columns.filter((column) => column.name === name)
  if (found.length > 0 || !item.system || item.occurrence === null) return found
  if (!systemColumns.has(name)) return []
  return [{ name, binding: { kind: 'column', occurrence: item.occurrence, column: name } }]
}

/** The expression that a bound name means. */
export function bound(binding: Binding, written: ColumnRef): Expr {
  if (binding.kind === 'merged') {
    const operands = [bound(binding.left, written), bound(binding.right, written)]
    return { kind: 'coalesce', operands }
  }
  const { occurrence, column } = binding
  return { kind: 'bound-column', occurrence, column, written }
}
