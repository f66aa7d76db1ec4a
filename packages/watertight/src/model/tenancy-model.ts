/** What a table is (DESIGN: scope class). */
export type ScopeClass = 'global' | 'tenant' | 'org' | 'self'

/** Type of the tenant key, of user ids and of org unit ids. */
export type KeyType = 'uuid' | 'bigint' | 'text'

/** The statements a role can be granted on a table. */
export type Command = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE'

/** A schema-qualified name, both parts bare (unquoted). */
export interface TableName {
  readonly schema: string
  readonly name: string
}

/**
 * A parsed, frozen tenancy declaration: complete (every default filled in) and consistent in
 * itself. Whether its tables and columns exist is decided when it meets a catalog, see
 * `bindModel` in `watertight/plan`.
 */
export interface TenancyModel {
  readonly tenantKey: TenantKey
  readonly userKey: { readonly type: KeyType }
  readonly orgUnits: OrgUnits | null
  readonly accessGrants: AccessGrants | null
  readonly context: ContextSource
  readonly roles: RoleNames
  readonly schemas: readonly string[]
  readonly tables: readonly TableDeclaration[]
  /** What is answered across tenants, and to whom; null when nothing is. */
  readonly disclosures: Disclosures | null
  /** Opt-in step groups that existing data could violate. */
  readonly include: readonly OptionalGroup[]
  readonly accept: readonly AcceptedFinding[]
}

/** Step groups that are planned only when asked for. */
export type OptionalGroup = 'composite-foreign-keys' | 'tenant-unique-keys'

export interface TenantKey {
  /** Column that holds the tenant on every table without an override; `tenant_id` by default. */
  readonly column: string
  readonly type: KeyType
  /** The table of tenants, if there is one. */
  readonly table: TableName | null
  /**
   * SQL condition on the tenant's row, as the model's author wrote it: a tenant whose row does not
   * meet it is closed to its members in every statement (signed contexts). Null: every tenant is open.
   */
  readonly activeWhere: string | null
  /** Overrides by table; the key is `tableKey()`. */
  readonly columnByTable: Readonly<Record<string, string>>
}

export interface OrgUnits {
  /** Column that names the org unit on org-scoped tables; `org_unit_id` by default. */
  readonly column: string
  readonly type: KeyType
  /** The tree of units; null when the context itself carries the resolved set (kind `guc`). */
  readonly table: TableName | null
  readonly idColumn: string
  readonly parentColumn: string
  readonly tenantColumn: string
  readonly columnByTable: Readonly<Record<string, string>>
}

/** The table that auditor windows and platform support are decided by (columns have fixed names). */
export interface AccessGrants {
  readonly table: TableName
  readonly idColumn: string
  readonly tenantColumn: string
  readonly granteeColumn: string
  readonly modeColumn: string
  readonly canWriteColumn: string
  readonly startsAtColumn: string
  readonly expiresAtColumn: string
  readonly revokedAtColumn: string
}

export type ContextSource = SignedContext | GucContext | JwtClaimsContext | MembershipContext

/** One signed setting per transaction, `watertight.context`. The default. */
export interface SignedContext {
  readonly kind: 'signed'
}

/** Plain settings, forgeable by whoever can run SQL as the app role. */
export interface GucContext {
  readonly kind: 'guc'
  readonly tenant: string
  readonly user: string | null
  /** Comma-separated or array-literal list of org unit ids. */
  readonly orgUnits: string | null
  /** Setting that holds `unit`, `subtree` or `all`. */
  readonly orgScope: string | null
}

/** One setting that holds a JSON object of verified claims (PostgREST, Supabase). */
export interface JwtClaimsContext {
  readonly kind: 'jwt-claims'
  readonly guc: string
  /** JSON pointers (RFC 6901) into the claims. */
  readonly tenant: string
  readonly user: string | null
}

/** The tenants of a user come from a table. */
export interface MembershipContext {
  readonly kind: 'membership'
  readonly user: { readonly guc: string; readonly claim: string | null }
  readonly via: {
    readonly table: TableName
    readonly user: string
    readonly tenant: string
    /** SQL condition on the membership row, as the model's author wrote it. */
    readonly where: string | null
  }
  /** Column of the table of tenants whose user belongs to the tenant without a membership. */
  readonly owner: string | null
}

/** Runtime modes that have a database role of their own. */
export type RuntimeRole = 'app' | 'public' | 'auditor' | 'worker' | 'platform'

/** Database roles; null where the deployment has no such role. */
export interface RoleNames {
  readonly owner: string | null
  readonly migrator: string | null
  readonly app: string
  readonly public: string | null
  readonly auditor: string | null
  readonly worker: string | null
  readonly platform: string | null
}

export interface TableDeclaration {
  readonly table: TableName
  /** Null: to be inferred (allowed for `check`, refused by `plan`). */
  readonly scope: ScopeClass | null
  /** Tenant comes through this parent, along a foreign key of this table. */
  readonly through: Through | null
  readonly tenantColumn: string | null
  readonly orgColumn: string | null
  /** Owner column of a `self` table. */
  readonly userColumn: string | null
  /** `self` tables: rows of users who share a tenant with the reader are readable too. */
  readonly sharedThrough: SharedThrough | null
  readonly public: PublicProjection | null
  readonly appendOnly: boolean
  /** `tenant` and `org` tables: members reach their own rows only. Null: those of all in scope. */
  readonly ownRows: OwnRows | null
  /** Null: auditors cannot read the table. `redact` columns read as NULL. */
  readonly auditor: { readonly redact: readonly string[] } | null
  /** What members may run; all four by default, without UPDATE and DELETE when append-only. */
  readonly commands: readonly Command[]
  /** What jobs may run in worker mode; the same as members unless declared otherwise. */
  readonly workerCommands: readonly Command[]
}

export interface Through {
  readonly table: TableName
  /** Name of the foreign key; null when there is exactly one to that table. */
  readonly foreignKey: string | null
}

/** Which member a row belongs to, inside of its tenant and org unit. */
export interface OwnRows {
  /** Column that holds the row's user; null when the row belongs to whom its parent belongs to. */
  readonly userColumn: string | null
  /** Parent that has own rows itself; null when a column holds the user. */
  readonly through: Through | null
  /** Members with this capability reach the rows of others too; with a parent, what it says. */
  readonly unless: string | null
}

export interface SharedThrough {
  readonly table: TableName
  readonly userColumn: string
  readonly tenantColumn: string
}

/** What anyone may read without a tenant: these columns of these rows. */
export interface PublicProjection {
  /** SQL condition as declared; null means every row (or every row of a public parent). */
  readonly where: string | null
  /** Null: every column (allowed for `check`, refused by `plan`). */
  readonly columns: readonly string[] | null
  /** Rows whose parent, along a foreign key, is public. */
  readonly through: Through | null
}

/** Functions that answer across tenants, and the role whose rights they have. */
export interface Disclosures {
  /** Owns the functions, cannot log in, and may do on tables what they declare and nothing else. */
  readonly role: string
  readonly functions: readonly Disclosure[]
}

/** One SECURITY DEFINER function: who may call it, and all that it may reach. */
export interface Disclosure {
  /** There is one function of this name. */
  readonly function: TableName
  /** Roles of these modes may execute it. */
  readonly modes: readonly RuntimeRole[]
  /** Roles that log in for this alone may execute it, too: they have no rights on tables. */
  readonly callers: readonly string[]
  readonly reads: readonly DisclosedTable[]
  readonly inserts: readonly DisclosedTable[]
  readonly updates: readonly DisclosedTable[]
  readonly deletes: readonly TableName[]
  /** Why tenants may be told this of each other, for whoever reviews the isolation. */
  readonly reason: string
}

export interface DisclosedTable {
  readonly table: TableName
  readonly columns: readonly string[]
}

export interface AcceptedFinding {
  /** Stable key of the finding. */
  readonly key: string
  readonly reason: string
  /** Calendar date, `YYYY-MM-DD`, after which the finding comes back. */
  readonly until: string
}
