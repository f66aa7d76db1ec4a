import type { CatalogSnapshot, Column, FunctionInfo, Relation } from '../catalog/index.js'
import type { Command, Disclosure, KeyType, ScopeClass, TenancyModel } from '../model/index.js'

/** Public conditions as the server prints them, by `tableKey()`; see `canonicaliseConditions`. */
export type CanonicalConditions = Readonly<Record<string, string>>

/** A declaration that has met a catalog: every table and column it names exists and has a fitting type. */
export interface BoundModel {
  readonly model: TenancyModel
  readonly snapshot: CatalogSnapshot
  /** Declared tables, and each partition of a declared table with the declaration of its root. */
  readonly tables: readonly BoundTable[]
  /** Declared functions that disclose, as they are. */
  readonly disclosures: readonly BoundDisclosure[]
  /** Tables of the model's schemas that nothing declares. They get no grants. */
  readonly unclassified: readonly Relation[]
}

/** A function that discloses, with its declaration. */
export interface BoundDisclosure {
  readonly disclosure: Disclosure
  readonly info: FunctionInfo
}

export interface BoundTable {
  readonly relation: Relation
  readonly scope: ScopeClass
  /** How a row's tenant is found; null for global and tenantless self tables. */
  readonly tenant: KeyPath | null
  /** How a row's org unit is found; null unless the scope is `org`. */
  readonly org: KeyPath | null
  /** Owner column of a `self` table. */
  readonly user: BoundColumn | null
  readonly shared: BoundShared | null
  /** How the member is found whom a row belongs to; null where members reach all rows in scope. */
  readonly own: BoundOwner | null
  readonly public: BoundProjection | null
  readonly appendOnly: boolean
  readonly auditor: { readonly redact: readonly string[] } | null
  readonly commands: readonly Command[]
  /** What jobs may run; the same list unless declared otherwise. */
  readonly workerCommands: readonly Command[]
  /** True when the relation is a partition: it carries the policies but no grants. */
  readonly isPartition: boolean
}

export interface BoundColumn {
  readonly column: Column
  readonly keyType: KeyType
}

/** A key on the row itself, or on an ancestor reached along foreign keys. */
export type KeyPath =
  | ({ readonly kind: 'column' } & BoundColumn)
  | { readonly kind: 'through'; readonly hop: ForeignKeyHop; readonly next: KeyPath }

/** One foreign key from a child to its parent, as pairs of columns that are equal. */
export interface ForeignKeyHop {
  readonly parent: Relation
  readonly pairs: readonly { readonly child: Column; readonly parent: Column }[]
}

export interface BoundShared {
  readonly relation: Relation
  readonly user: BoundColumn
  readonly tenant: BoundColumn
}

export interface BoundOwner {
  readonly user: KeyPath
  /** Capability of members who reach the rows of others too. */
  readonly unless: string | null
}

export interface BoundProjection {
  readonly columns: readonly string[]
  /** The declared condition as PostgreSQL prints it, null for every row. */
  readonly where: string | null
  readonly through: ForeignKeyHop | null
}
