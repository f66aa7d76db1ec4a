import type { ContextInput } from 'watertight/model'
import type { Node } from './expression.js'

/** A value as text; null is NULL. */
export type Cell = string | null
export type Cells = Readonly<Record<string, Cell>>

/** What expressions tell apart: a type, or a type that the prover has no equality for. */
export type Kind =
  | 'bool'
  | 'int'
  | 'text'
  | 'uuid'
  | 'json'
  | 'tags'
  | 'enum'
  | 'name'
  | 'citext'
  | 'bpchar'
  | 'numeric'
  | 'loose'

export interface FuzzColumn {
  readonly name: string
  readonly kind: Kind
  /** The declared type, collation included. */
  readonly sqlType: string
  readonly notNull: boolean
  /** Values that fit the type, as text. */
  readonly values: readonly string[]
}

export interface FuzzPolicy {
  readonly command: 'ALL' | 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE'
  readonly permissive: boolean
  /** Placeholders of roles; empty is PUBLIC. */
  readonly roles: readonly string[]
  readonly using: Node | null
  readonly check: Node | null
}

export interface FuzzTable {
  readonly name: string
  readonly columns: readonly FuzzColumn[]
  /** Table constraints, as SQL. */
  readonly constraints: readonly string[]
  readonly secured: boolean
  readonly forced: boolean
  /** What the runtime role, or a group of it, is granted. */
  readonly grantee: string
  readonly privileges: readonly string[]
  readonly policies: readonly FuzzPolicy[]
  readonly rows: readonly Cells[]
  /** The parent that the rows' tenant comes from, through the column `p_id`. */
  readonly isChild: boolean
}

export interface FuzzFunction {
  readonly name: string
  readonly parameters: readonly Kind[]
  readonly returns: Kind
  readonly returnsSet: boolean
  /** It reads tables, so that it may not be called from their policies. */
  readonly reads: boolean
  /** The owner's placeholder; null for the superuser's own. */
  readonly owner: string | null
  /** The statement up to the body, the body, and its quote. */
  readonly head: string
  readonly body: Node
  readonly tail: string
}

/** Settings by name; null for one that was never set. */
export type Settings = Readonly<Record<string, string | null>>

/** A database of a few tables, its policies, rows and contexts. Text has the placeholders {s} and {w}. */
export interface World {
  readonly seed: number
  readonly tenantKind: Kind
  readonly keyType: 'uuid' | 'bigint' | 'text'
  readonly context: ContextInput
  /** The role that requests run as: `app` inherits from its group, `lone` does not. */
  readonly runtime: 'app' | 'lone'
  readonly functions: readonly FuzzFunction[]
  readonly tables: readonly FuzzTable[]
  /** Sessions in order: a setting that was set once is never unset again. */
  readonly contexts: readonly Settings[]
  /** Rows to write, by table. */
  readonly writes: readonly Cells[][]
}
