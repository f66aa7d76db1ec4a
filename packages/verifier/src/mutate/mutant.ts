import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import type { Sql } from 'watertight/sql'
import type { Access } from '../graph/access.js'

/** A small fault in the isolation layer, as data: what a test-suite that guards it must notice. */
export interface Mutant {
  /** Stable while the object keeps its name: `policy-using-true:public.notes.own_rows`. */
  readonly id: string
  readonly kind: MutantKind
  readonly object: string
  /** One sentence: what is different. */
  readonly description: string
  /** Statements that make the mutant, to be run by a superuser. */
  readonly up: readonly string[]
  /** Statements that take it back; only for what is not inside the database. */
  readonly down: readonly string[]
  /** A query with one boolean, true on the original and false on the mutant. */
  readonly guard: string
  /** What it changes lives in the cluster, so that no other database may be in use meanwhile. */
  readonly isClusterWide: boolean
}

export type MutantKind =
  | 'policy-dropped'
  | 'policy-using-true'
  | 'policy-check-true'
  | 'policy-check-dropped'
  | 'policy-permissive'
  | 'policy-restrictive'
  | 'policy-to-public'
  | 'policy-conjunct-dropped'
  | 'policy-and-to-or'
  | 'policy-null-matches'
  | 'policy-search-widened'
  | 'rls-disabled'
  | 'rls-not-forced'
  | 'tenant-nullable'
  | 'tenant-default-dropped'
  | 'foreign-key-without-tenant'
  | 'trigger-dropped'
  | 'view-owner-rights'
  | 'function-definer'
  | 'function-true'
  | 'function-search-widened'
  | 'grant-truncate'
  | 'grant-widened'
  | 'role-bypass-rls'

/** What mutants are planned from. */
export interface MutationSubject {
  readonly catalog: CatalogSnapshot
  readonly access: Access
  /** Tables that something isolates, with their tenant column where they have one. */
  readonly tables: readonly IsolatedTable[]
  /** Roles that requests run as: rights on such a table, without owners and superusers. */
  readonly roles: readonly string[]
}

export interface IsolatedTable {
  readonly relation: Relation
  readonly name: string
  readonly tenantColumn: string | null
}

/** A mutant before it has an id and defaults. */
export interface MutantDraft {
  readonly kind: MutantKind
  readonly object: string
  /** Tells mutants of one kind and object apart. */
  readonly detail?: string
  readonly description: string
  readonly up: readonly Sql[]
  readonly down?: readonly Sql[]
  readonly guard: Sql
}

/** Completes a draft. */
export function mutantOf(draft: MutantDraft): Mutant {
  const { kind, object, detail, description, up, down = [], guard } = draft
  return {
    id: [kind, object, ...(detail === undefined ? [] : [detail])].join(':'),
    kind,
    object,
    description,
    up: up.map(({ text }) => text),
    down: down.map(({ text }) => text),
    guard: guard.text,
    isClusterWide: down.length > 0,
  }
}
