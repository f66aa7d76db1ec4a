import type { Opaque } from './leaf.js'
import type { TypeName } from './names.js'

/** One output column. */
export interface TargetNode<E> {
  readonly value: E
  /** The name after AS, else null. */
  readonly alias: string | null
}

export interface SortKeyNode<E> {
  readonly value: E
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

export interface SubselectItemNode<E> {
  readonly kind: 'subselect'
  readonly select: SelectNode<E>
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
export interface FunctionItemNode<E> {
  readonly kind: 'function'
  readonly call: E
  readonly lateral: boolean
  readonly ordinality: boolean
  readonly alias: Alias | null
  readonly definitions: readonly ColumnDefinition[]
  readonly occurrence: number | null
}

export interface JoinItemNode<E> {
  readonly kind: 'join'
  readonly type: 'cross' | 'inner' | 'left' | 'right' | 'full'
  readonly natural: boolean
  readonly left: FromItemNode<E>
  readonly right: FromItemNode<E>
  readonly on: E | null
  /** Columns of USING; empty without it. */
  readonly using: readonly string[]
  /** `USING (…) AS name`, else null. */
  readonly usingAlias: string | null
  readonly alias: Alias | null
}

export type FromItemNode<E> =
  TableItem | SubselectItemNode<E> | FunctionItemNode<E> | JoinItemNode<E> | Opaque

export interface CommonTableNode<E> {
  readonly name: string
  readonly columns: readonly string[]
  readonly select: SelectNode<E>
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
export interface QueryTailNode<E> {
  readonly ctes: readonly CommonTableNode<E>[]
  readonly recursive: boolean
  readonly orderBy: readonly SortKeyNode<E>[]
  readonly limit: E | null
  readonly offset: E | null
  /** `FETCH FIRST … WITH TIES`. */
  readonly withTies: boolean
  readonly locking: readonly Locking[]
}

export interface PlainSelectNode<E> extends QueryTailNode<E> {
  readonly kind: 'select'
  readonly targets: readonly TargetNode<E>[]
  readonly from: readonly FromItemNode<E>[]
  readonly where: E | null
  /** Null without DISTINCT, `[]` for DISTINCT, the expressions for DISTINCT ON. */
  readonly distinct: readonly E[] | null
  readonly groupBy: readonly E[]
  readonly groupDistinct: boolean
  readonly having: E | null
}

export interface SetOperationNode<E> extends QueryTailNode<E> {
  readonly kind: 'set-operation'
  readonly operation: 'union' | 'intersect' | 'except'
  readonly all: boolean
  readonly left: SelectNode<E>
  readonly right: SelectNode<E>
}

export interface ValuesNode<E> extends QueryTailNode<E> {
  readonly kind: 'values'
  readonly rows: readonly (readonly E[])[]
}

/** A query: frozen data. */
export type SelectNode<E> = PlainSelectNode<E> | SetOperationNode<E> | ValuesNode<E> | Opaque
