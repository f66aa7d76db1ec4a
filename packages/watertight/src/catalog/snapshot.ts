/**
 * What is in a database, as plain frozen data without OIDs, so that two snapshots of equal
 * databases are equal. Names are bare (unquoted); `Ref` keys are `schema.name` with both parts
 * quoted as `quote_ident()` would. Arrays are sorted by name unless their order means something.
 */
export interface CatalogSnapshot {
  readonly server: ServerInfo
  readonly database: DatabaseInfo
  readonly schemas: readonly SchemaInfo[]
  /** Tables, partitioned tables, partitions, views, materialised views, foreign tables. */
  readonly relations: readonly Relation[]
  readonly functions: readonly FunctionInfo[]
  readonly sequences: readonly SequenceInfo[]
  readonly enums: readonly EnumInfo[]
  readonly roles: readonly RoleInfo[]
  readonly memberships: readonly RoleMembership[]
  readonly defaultPrivileges: readonly DefaultPrivilege[]
  /** `ALTER ROLE/DATABASE ... SET` (pg_db_role_setting) that apply to this database. */
  readonly settingDefaults: readonly SettingDefault[]
  readonly publications: readonly PublicationInfo[]
}

export interface ServerInfo {
  /** `server_version`, for example `16.3`. */
  readonly version: string
  /** `server_version_num`, for example 160003. */
  readonly versionNum: number
  readonly database: string
  /** `pg_control_system().system_identifier` where readable, else the empty string. */
  readonly systemIdentifier: string
  readonly encoding: string
  /** The connected role and whether it is a superuser. */
  readonly currentUser: string
  readonly isSuperuser: boolean
  /** Selected `pg_settings`: name to value (row_security, search_path, max_identifier_length, ...). */
  readonly settings: Readonly<Record<string, string>>
}

/** The connected database as an object with an owner and privileges; its name is in the server's part. */
export interface DatabaseInfo {
  readonly owner: string
  readonly acl: readonly AclItem[]
}

export interface SchemaInfo {
  readonly name: string
  readonly owner: string
  readonly acl: readonly AclItem[]
}

/** One granted privilege. `grantee` is `PUBLIC` (in capitals, `isPublic` true) or a role name. */
export interface AclItem {
  readonly grantee: string
  readonly isPublic: boolean
  readonly grantor: string
  /** SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER, MAINTAIN, USAGE, CREATE, EXECUTE... */
  readonly privilege: string
  readonly grantable: boolean
}

export type RelationKind =
  'table' | 'partitioned-table' | 'view' | 'materialized-view' | 'foreign-table'

export interface Relation {
  readonly kind: RelationKind
  readonly schema: string
  readonly name: string
  readonly owner: string
  readonly persistence: 'permanent' | 'unlogged' | 'temporary'
  readonly comment: string | null
  readonly rls: { readonly enabled: boolean; readonly forced: boolean }
  readonly columns: readonly Column[]
  /** Explicit or default ACL, expanded (`acldefault` where the stored ACL is null), owner's own rights included. */
  readonly acl: readonly AclItem[]
  readonly constraints: readonly Constraint[]
  readonly indexes: readonly IndexInfo[]
  readonly policies: readonly Policy[]
  readonly triggers: readonly Trigger[]
  readonly rules: readonly Rule[]
  /** Parent of a partition or INHERITS child; several for multiple inheritance. */
  readonly parents: readonly {
    readonly schema: string
    readonly name: string
    readonly isPartition: boolean
  }[]
  /** `pg_get_partkeydef` of a partitioned table, `pg_get_expr(relpartbound)` of a partition. */
  readonly partitionKey: string | null
  readonly partitionBound: string | null
  /** View definition as `pg_get_viewdef(oid)` prints it, with every name outside pg_catalog qualified. */
  readonly definition: string | null
  /** `reloptions` as name to value: security_invoker, security_barrier, fillfactor... */
  readonly options: Readonly<Record<string, string>>
  /** Relations a view's rules read or write, from pg_depend. */
  readonly reads: readonly { readonly schema: string; readonly name: string }[]
  /** `reltuples` is volatile and not here. True when the relation has at least one row is not known either. */
  readonly isPartition: boolean
}

export interface Column {
  readonly name: string
  /** 1-based `attnum` order is the array order; dropped columns are left out. */
  readonly position: number
  /** `format_type(atttypid, atttypmod)` with schema-qualified names outside pg_catalog. */
  readonly type: string
  /** `format_type` of the base type of a domain (recursively), else equal to `type`. */
  readonly baseType: string
  readonly notNull: boolean
  /** `pg_get_expr(adbin)`, null without default. For a stored generated column: its expression. */
  readonly defaultExpression: string | null
  readonly generated: 'stored' | 'virtual' | null
  readonly identity: 'always' | 'by-default' | null
  readonly collation: string | null
  /** Column-level grants only. */
  readonly acl: readonly AclItem[]
}

export interface Constraint {
  readonly name: string
  readonly kind: 'primary-key' | 'unique' | 'foreign-key' | 'check' | 'exclude' | 'not-null'
  readonly columns: readonly string[]
  /** `pg_get_constraintdef(oid)`. */
  readonly definition: string
  readonly validated: boolean
  readonly deferrable: boolean
  /** True for a constraint inherited from a partitioned parent (`conparentid` or `coninhcount` above 0). */
  readonly inherited: boolean
  readonly references: ForeignKeyTarget | null
}

export interface ForeignKeyTarget {
  readonly schema: string
  readonly name: string
  readonly columns: readonly string[]
  readonly onDelete: ReferentialAction
  readonly onUpdate: ReferentialAction
  /** Columns of `ON DELETE SET NULL (…)`, PostgreSQL 15+; empty means all. */
  readonly onDeleteColumns: readonly string[]
  readonly match: 'simple' | 'full' | 'partial'
}

export type ReferentialAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default'

export interface IndexInfo {
  readonly name: string
  /** `pg_get_indexdef(oid)`. */
  readonly definition: string
  readonly method: string
  readonly isUnique: boolean
  readonly isPrimary: boolean
  readonly isValid: boolean
  /** Key columns in order; null where the key is an expression. INCLUDE columns are left out. */
  readonly columns: readonly (string | null)[]
  readonly predicate: string | null
  /** Name of the constraint that owns the index. */
  readonly constraint: string | null
  /** True for the index of a partition that belongs to the parent's partitioned index. */
  readonly inherited: boolean
}

export interface Policy {
  readonly name: string
  readonly permissive: boolean
  readonly command: 'ALL' | 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE'
  /** Role names; empty means PUBLIC. */
  readonly roles: readonly string[]
  /** `pg_get_expr(polqual, polrelid)` and `pg_get_expr(polwithcheck, polrelid)`. */
  readonly using: string | null
  readonly withCheck: string | null
  readonly comment: string | null
}

export interface Trigger {
  readonly name: string
  /** `pg_get_triggerdef(oid)`. */
  readonly definition: string
  readonly function: { readonly schema: string; readonly name: string }
  readonly enabled: 'origin' | 'disabled' | 'replica' | 'always'
  readonly inherited: boolean
}

export interface Rule {
  readonly name: string
  readonly event: 'SELECT' | 'UPDATE' | 'INSERT' | 'DELETE'
  readonly definition: string
}

export interface FunctionInfo {
  readonly schema: string
  readonly name: string
  readonly kind: 'function' | 'procedure' | 'aggregate' | 'window'
  /** `pg_get_function_identity_arguments(oid)`; with the name it identifies the function. */
  readonly identityArguments: string
  /** `pg_get_function_arguments(oid)`, with defaults. */
  readonly arguments: string
  readonly returns: string
  readonly returnsSet: boolean
  readonly owner: string
  readonly language: string
  readonly securityDefiner: boolean
  readonly leakproof: boolean
  readonly strict: boolean
  readonly volatility: 'immutable' | 'stable' | 'volatile'
  readonly parallel: 'safe' | 'restricted' | 'unsafe'
  /** It also runs where nothing names it: for an operator, a cast, an aggregate or a type. */
  readonly isImplicit: boolean
  /** `proconfig` as name to value. */
  readonly settings: Readonly<Record<string, string>>
  /** `prosrc`; for a `BEGIN ATOMIC` body `pg_get_function_sqlbody`. */
  readonly body: string
  readonly acl: readonly AclItem[]
  readonly comment: string | null
  readonly extension: string | null
}

export interface SequenceInfo {
  readonly schema: string
  readonly name: string
  readonly owner: string
  readonly acl: readonly AclItem[]
  /** The column that owns the sequence (serial or identity). */
  readonly ownedBy: {
    readonly schema: string
    readonly table: string
    readonly column: string
  } | null
  readonly isIdentity: boolean
}

export interface EnumInfo {
  readonly schema: string
  readonly name: string
  readonly labels: readonly string[]
}

export interface RoleInfo {
  readonly name: string
  readonly superuser: boolean
  readonly bypassRls: boolean
  readonly canLogin: boolean
  readonly inherit: boolean
  readonly createRole: boolean
  readonly createDb: boolean
  readonly replication: boolean
  readonly comment: string | null
}

export interface RoleMembership {
  /** `member` is a member of `role`. */
  readonly role: string
  readonly member: string
  readonly grantor: string
  readonly admin: boolean
  /** Privileges are inherited. Before 16 this is the member's INHERIT attribute. */
  readonly inherit: boolean
  /** SET ROLE is allowed. Always true before 16. */
  readonly set: boolean
}

export interface DefaultPrivilege {
  /** The role whose future objects get the privileges. */
  readonly role: string
  /** Null means every schema. */
  readonly schema: string | null
  readonly objectType: 'table' | 'sequence' | 'function' | 'type' | 'schema' | 'large object'
  readonly acl: readonly AclItem[]
}

export interface SettingDefault {
  readonly role: string | null
  readonly database: string | null
  readonly name: string
  readonly value: string
}

export interface PublicationInfo {
  readonly name: string
  readonly allTables: boolean
  readonly tables: readonly {
    readonly schema: string
    readonly name: string
    readonly rowFilter: string | null
  }[]
}
