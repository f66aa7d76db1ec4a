import type { Expr, Opaque } from './expr.js'
import type { TypeName } from './names.js'

/** One output column. */
export interface Target {
  readonly value: Expr
  /** The name after AS, else null. */
  readonly alias: string | null
}

export interface SortKey {
  readonly value: Expr

  readonly direction: 'default' | 'asc' | 'desc'
  readonly nulls: 'default' | 'first' | 'last'
}

export interface Alias {
  readonly name: string
  /** New names of the first columns; empty when the columns keep theirs. */
  readonly columns: readonly string[]
}

/** A table, view or common table expression; which of them, only name resolution can tell. */
export interface TableItem {
  readonly kind: 'table'
  readonly schema: string | null
  readonly name: string
  /** `ONLY`: without inheriting tables. */
  readonly only: boolean
  readonly alias: Alias | null
  /** Set by name resolution; null before. */
  readonly occurrence: number | null
  /** Whether name resolution found it to be a common table expression in scope. */
  readonly cte: boolean
}

export interface SubselectItem {
  readonly kind: 'subselect'
  readonly select: Select
  readonly lateral: boolean
  readonly alias: Alias | null
  readonly occurrence: number | null
}

/** Column of a function that returns `record`: `AS t(id uuid)`. */
export interface ColumnDefinition {
  readonly name: string
  readonly type: TypeName
}

/** `function(…)` as a from-item; expressions such as `CURRENT_DATE` may stand there too. */
export interface FunctionItem {
  readonly kind: 'function'
  readonly call: Expr
  readonly lateral: boolean
  readonly ordinality: boolean
  readonly alias: Alias | null
  readonly definitions: readonly ColumnDefinition[]
  readonly occurrence: number | null
}

export interface JoinItem {
  readonly kind: 'join'
  readonly type: 'cross' | 'inner' | 'left' | 'right' | 'full'
  readonly natural: boolean
  readonly left: FromItem
  readonly right: FromItem
  readonly on: Expr | null
  /** Columns of USING; empty without it. */
  readonly using: readonly string[]
  /** `USING (…) AS name`, else null. */
  readonly usingAlias: string | null
  readonly alias: Alias | null
}

export type FromItem = TableItem | SubselectItem | FunctionItem | JoinItem | Opaque

export type FromItemKind = FromItem['kind']

export interface CommonTable {
  readonly name: string
  readonly columns: readonly string[]
  readonly select: Select
  readonly materialized: 'default' | 'always' | 'never'
}

/** `FOR UPDATE OF a SKIP LOCKED`. */
export interface Locking {
  readonly strength: 'key-share' | 'share' | 'no-key-update' | 'update'
  /** From-items by alias; all when empty. */
  readonly of: readonly string[]
  readonly wait: 'block' | 'skip' | 'error'
}

/** What every form of query may have around it. */
export interface QueryTail {
  readonly ctes: readonly CommonTable[]
  readonly recursive: boolean
  readonly orderBy: readonly SortKey[]
  readonly limit: Expr | null
  readonly offset: Expr | null
  /** `FETCH FIRST … WITH TIES`. */
  readonly withTies: boolean
  readonly locking: readonly Locking[]
}

export interface PlainSelect extends QueryTail {
  readonly kind: 'select'
  readonly targets: readonly Target[]
  readonly from: readonly FromItem[]
  readonly where: Expr | null
  /** Null without DISTINCT, `[]` for DISTINCT, the expressions for DISTINCT ON. */
  readonly distinct: readonly Expr[] | null
  readonly groupBy: readonly Expr[]
  readonly groupDistinct: boolean
  readonly having: Expr | null
}

export interface SetOperation extends QueryTail {
  readonly kind: 'set-operation'
  readonly operation: 'union' | 'intersect' | 'except'
  readonly all: boolean
  readonly left: Select
  readonly right: Select
}

export interface Values extends QueryTail {
  readonly kind: 'values'
  readonly rows: readonly (readonly Expr[])[]
}

/** A query: frozen data. */
export type Select = PlainSelect | SetOperation | Values | Opaque

export type SelectKind = Select['kind']
