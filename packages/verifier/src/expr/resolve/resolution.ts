import type { Call, ColumnRef, Star } from '../ir/expr.js'
import type { QualifiedName } from '../ir/names.js'
import type { Select } from '../ir/select.js'

/** A table or view with its columns in order. */
export interface RelationColumns {
  readonly schema: string
  readonly name: string
  readonly columns: readonly string[]
}

/** What name resolution must know of the database. */
export interface NameLookup {
  /** A relation by name; one without a schema is looked up along the search path. */
  relation(name: QualifiedName): RelationColumns | null
  /**
   * The columns of a function in FROM that returns rows, `scalar` for one that returns values of
   * a base type, null if unknown.
   */
  functionColumns?(call: Call): readonly string[] | 'scalar' | null
}

/** The arguments and variables that an expression in a function body can name. */
export interface ParameterNames {
  /** Name of the function, which may qualify an argument; null when there is none. */
  readonly functionName: string | null
  readonly names: readonly string[]
  /**
   * What a name means that is also a column: in a SQL body the column, in PL/pgSQL it is an error
   * (manual, sections 36.5.1 and 41.11.1).
   */
  readonly whenColumn: 'column-wins' | 'error'
}

/** A relation that an expression is about: the table of a policy, OLD and NEW of a trigger. */
export interface RootRelation extends RelationColumns {
  /** The name it goes by, if not its own. */
  readonly alias?: string
}

export interface ResolveOptions {
  readonly lookup: NameLookup
  /** Relations of the outermost level; they get the occurrence ids 0, 1, … in order. */
  readonly relations?: readonly RootRelation[]
  readonly parameters?: ParameterNames
}

/** One from-item, or one relation that the expression is about. */
export interface Occurrence {
  readonly id: number
  readonly kind: 'relation' | 'cte' | 'recursive-cte' | 'subselect' | 'function'
  /** Null unless it is a relation. */
  readonly schema: string | null
  /** Name of the relation, common table or function; empty for a sub-select. */
  readonly name: string
  /** The name it is referred to by. */
  readonly alias: string
  /** Null when they cannot be told. */
  readonly columns: readonly string[] | null
  /** The resolved query of a sub-select or common table; null for others. */
  readonly select: Select | null
}

export type ResolveReason =
  | 'ambiguous-column'
  | 'unknown-column'
  | 'unknown-relation'
  /** A from-item whose columns are not known might hide the name. */
  | 'unknown-columns'
  /** Both a column and a PL/pgSQL variable: the server raises an error. */
  | 'variable-conflict'

export interface ResolveProblem {
  readonly reason: ResolveReason
  /** For people. */
  readonly message: string
  readonly written: ColumnRef | Star | null
}

/** The result of name resolution. A proof needs `problems` to be empty. */
export interface Resolution<T> {
  readonly node: T
  /** Sorted by id. */
  readonly occurrences: readonly Occurrence[]
  readonly problems: readonly ResolveProblem[]
}
