import type { Occurrence } from '../../expr/index.js'
import type { Row } from './row-shape.js'
import type { Value } from './value.js'

/** What a from-item stands for: a row, or the columns of a sub-select. */
export type Source =
  | { readonly kind: 'row'; readonly row: Row; readonly columns: readonly string[] | null }
  | {
      readonly kind: 'columns'
      readonly values: readonly Value[]
      readonly names: readonly string[]
    }

/** Where an expression is evaluated: what its names mean and who evaluates it. */
export interface Frame {
  readonly sources: Map<number, Source>
  readonly occurrences: readonly Occurrence[]
  /** The role that the tables read here are read as. */
  readonly role: string
  /** The role that functions run as here: in a view with the rights of its owner another than `role`. */
  readonly caller: string
  readonly arguments: ReadonlyMap<string, Value>
  readonly numbered: readonly Value[]
  /** Inside a function declared IMMUTABLE, whose result a plan may keep. */
  readonly immutable: boolean
  /** Functions being inlined, outermost first. */
  readonly calls: readonly string[]
  /** How to find functions that are named without schema. */
  readonly path: SearchPath
}

/** `printed`: text from the catalog, where only `pg_catalog` needs no schema. */
export type SearchPath =
  | { readonly kind: 'printed' }
  | { readonly kind: 'pinned'; readonly schemas: readonly string[]; readonly tempLast: boolean }
  | { readonly kind: 'caller' }
