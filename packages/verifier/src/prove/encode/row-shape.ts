import type { Relation } from 'watertight/catalog'
import type { Value } from './value.js'

/** A row of a relation: one free value per column that something asks for. */
export interface Row {
  readonly relation: Relation
  readonly label: string
  /** In the table when the statement starts: keys tell such rows apart. */
  readonly stored: boolean
  /** Maybe the missing side of an outer join: then all columns are NULL. */
  readonly loose: boolean
  readonly values: Map<string, Value>
}
