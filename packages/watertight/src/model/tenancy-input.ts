import type { Command, KeyType, OptionalGroup, RuntimeRole, ScopeClass } from './tenancy-model.js'

/**
 * A tenancy declaration as a person writes it in `watertight.config.ts|js|json`. Table names are
 * `schema.table`; quote a part that holds a dot: `app."odd.name"`. Case is taken as written.
 */
export interface TenancyInput {
  readonly tenantKey?: TenantKeyInput
  /** Type of user ids; `uuid` by default. */
  readonly userKey?: { readonly type?: KeyType }
  readonly orgUnits?: OrgUnitsInput
  /** Table of auditor windows and platform support: its name, or its name and column names. */
  readonly accessGrants?: string | AccessGrantsInput
  readonly context?: ContextInput
  readonly roles?: RolesInput
  readonly schemas: readonly string[]
  readonly tables?: Readonly<Record<string, TableInput>>
  /** SECURITY DEFINER functions that answer across tenants, such as look-ups before a tenant is known. */
  readonly disclosures?: DisclosuresInput
  readonly include?: readonly OptionalGroup[]
  readonly accept?: readonly {
    readonly key: string
    readonly reason: string
    readonly until: string
  }[]
}

export interface TenantKeyInput {
  readonly column?: string
  readonly type?: KeyType
  readonly table?: string
  /**
   * Which tenants members may act for, as a condition on the row in `table`: `status = 'active'`.
   * Asked in every statement; workers, who resume and export, are not held to it.
   */
  readonly activeWhere?: string
  readonly columnByTable?: Readonly<Record<string, string>>
}

export interface OrgUnitsInput {
  readonly column?: string
  readonly type?: KeyType
  readonly table?: string
  readonly idColumn?: string
  readonly parentColumn?: string
  readonly tenantColumn?: string
  readonly columnByTable?: Readonly<Record<string, string>>
}

export interface AccessGrantsInput {
  readonly table: string
  readonly idColumn?: string
  readonly tenantColumn?: string
  readonly granteeColumn?: string
  readonly modeColumn?: string
  readonly canWriteColumn?: string
  readonly startsAtColumn?: string
  readonly expiresAtColumn?: string
  readonly revokedAtColumn?: string
}

export type ContextInput =
  | { readonly kind: 'signed' }
  | {
      readonly kind: 'guc'
      readonly tenant: string
      readonly user?: string
      readonly orgUnits?: string
      readonly orgScope?: string
    }
  | {
      readonly kind: 'jwt-claims'
      readonly guc: string
      readonly tenant: string
      readonly user?: string
    }
  | {
      readonly kind: 'membership'
      readonly user: { readonly guc: string; readonly claim?: string }
      readonly via: {
        readonly table: string
        readonly user: string
        readonly tenant: string
        readonly where?: string
      }
      /** Column of `tenantKey.table`: the user in it belongs to that tenant, member or not. */
      readonly owner?: string
    }

/** Role names; those left out are `<prefix>_<role>` when a prefix is given (default `watertight`). */
export type RolesInput = { readonly prefix?: string } & {
  readonly [role in RuntimeRole | 'owner' | 'migrator']?: string | null
}

export interface TableInput {
  readonly scope?: ScopeClass
  /** `schema.table` of the parent whose tenant (and org unit) this table's rows have. */
  readonly through?: string | { readonly table: string; readonly foreignKey: string }
  readonly tenantColumn?: string
  readonly orgColumn?: string
  readonly userColumn?: string
  readonly sharedThrough?: {
    readonly table: string
    readonly userColumn?: string
    readonly tenantColumn?: string
  }
  /**
   * Members reach only the rows of their own user, inside of the tenant and org unit: by a column,
   * `{ userColumn: 'user_id', unless: 'orders.supervise' }`, or those whose parent is theirs,
   * `{ through: 'shop.orders' }`. Workers, auditors and the platform are not held to it.
   */
  readonly ownRows?: {
    readonly userColumn?: string
    readonly through?: string | { readonly table: string; readonly foreignKey: string }
    /** Capability of members who reach the rows of others too (signed contexts). */
    readonly unless?: string
  }
  readonly public?: {
    readonly where?: string
    readonly columns?: readonly string[]
    readonly through?: string | { readonly table: string; readonly foreignKey: string }
  }
  readonly appendOnly?: boolean
  readonly auditor?: boolean | { readonly redact: readonly string[] }
  readonly commands?: readonly (Command | Lowercase<Command>)[]
  /** What jobs may run where that differs from `commands`. */
  readonly workerCommands?: readonly (Command | Lowercase<Command>)[]
}

export interface DisclosuresInput {
  /** Role that owns the functions; `<prefix>_directory` when roles are named by prefix. */
  readonly role?: string
  /** By `schema.function`, without arguments: there is one function of each name. */
  readonly functions: Readonly<Record<string, DisclosureInput>>
}

/** Everything that one function may do, and for whom. */
export interface DisclosureInput {
  /** Whose roles may execute it; only with `callers` may there be none. */
  readonly modes?: readonly RuntimeRole[]
  /** Roles of programs that log in to call such functions, and may do nothing else. */
  readonly callers?: readonly string[]
  /** Columns that it reads, conditions included, by `schema.table`. */
  readonly reads?: Readonly<Record<string, readonly string[]>>
  readonly inserts?: Readonly<Record<string, readonly string[]>>
  readonly updates?: Readonly<Record<string, readonly string[]>>
  readonly deletes?: readonly string[]
  readonly reason: string
}
