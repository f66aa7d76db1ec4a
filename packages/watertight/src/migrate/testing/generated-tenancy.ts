import fc from 'fast-check'
import type { Command, KeyType, OptionalGroup, ScopeClass } from '../../model/index.js'

/** How a key is stored: as its own type, as a domain over it, or as a narrower type. */
export type KeyStorage = 'plain' | 'domain' | 'narrow'

/** Type of a table's primary key, which children refer to. */
export type IdType = 'uuid' | 'bigserial' | 'identity' | 'varchar' | 'text-domain'

export type PartitionKind = 'none' | 'range' | 'list' | 'hash' | 'range-then-hash'

/** A foreign key to a table that is generated earlier, or to the table itself. */
export interface GeneratedForeignKey {
  /** Taken modulo the number of tables that can be referred to. */
  readonly target: number
  readonly composite: boolean
  readonly onDelete: string
  readonly onUpdate: string
  readonly deferrable: '' | 'deferrable' | 'deferrable initially deferred'
  readonly notValid: boolean
}

export type UniqueKind =
  | 'constraint'
  | 'nulls-not-distinct'
  | 'deferrable'
  | 'partial-index'
  | 'expression-index'
  | 'with-tenant'
  | 'referenced'

export interface GeneratedTable {
  readonly name: string
  readonly label: string
  readonly scope: ScopeClass
  readonly isChild: boolean
  /** Which table it is a child of, taken modulo the eligible ones. */
  readonly parent: number
  readonly hasOwnOrgColumn: boolean
  readonly idType: IdType
  readonly keyStorage: KeyStorage
  readonly tenantColumn: string | null
  readonly hasTenantDefault: boolean
  readonly isUserTenantless: boolean
  readonly isShared: boolean
  readonly partition: PartitionKind
  readonly foreignKeys: readonly GeneratedForeignKey[]
  readonly selfReference: boolean
  readonly uniques: readonly UniqueKind[]
  readonly hasTenantIndex: boolean
  readonly appendOnly: boolean
  readonly commands: readonly Command[] | null
  readonly auditor: 'none' | 'all' | 'redacted'
  readonly published: 'no' | 'all' | 'where' | 'through'
  readonly where: number
  readonly hasForeignPolicy: boolean
  readonly rls: 'off' | 'enabled' | 'forced'
  readonly owner: 'admin' | 'app' | 'owner' | 'worker'
  readonly view: 'none' | 'plain' | 'chain' | 'off' | 'barrier' | 'invoker'
  /** A relation of the user's that has the name of a projection view. */
  readonly squatter: 'none' | 'public' | 'redacted'
}

export type Grantee = 'app' | 'public' | 'auditor' | 'owner' | 'stranger' | 'PUBLIC'

export interface GeneratedGrant {
  readonly table: number
  readonly grantee: Grantee
  readonly privilege: 'select' | 'insert' | 'update' | 'delete' | 'truncate' | 'references'
  readonly ofColumn: boolean
  readonly withGrantOption: boolean
  /** The grantee passes the privilege on. */
  readonly passedTo: Grantee | null
}

export interface GeneratedDefaultPrivilege {
  readonly objects: 'tables' | 'functions' | 'sequences' | 'schemas'
  readonly grantee: Exclude<Grantee, 'owner'>
  readonly everywhere: boolean
  readonly withGrantOption: boolean
}

export type ContextKind = 'signed' | 'guc' | 'jwt-claims' | 'membership'

/** A database and the declaration for it, as choices that SQL and model are made from. */
export interface GeneratedTenancy {
  readonly schema: string
  readonly keyType: KeyType
  readonly tenantColumn: string
  readonly context: ContextKind
  readonly absentRoles: readonly (
    'owner' | 'migrator' | 'public' | 'auditor' | 'worker' | 'platform'
  )[]
  readonly existingRoles: readonly (
    'owner' | 'migrator' | 'app' | 'public' | 'auditor' | 'worker' | 'platform'
  )[]
  readonly existingMemberships: readonly ('app-owner' | 'app-stranger' | 'migrator-owner')[]
  readonly isAppPowerful: boolean
  readonly hasAccessGrants: boolean
  readonly hasOrgTree: boolean
  readonly include: readonly OptionalGroup[]
  readonly tables: readonly GeneratedTable[]
  readonly grants: readonly GeneratedGrant[]
  readonly defaultPrivileges: readonly GeneratedDefaultPrivilege[]
  readonly schemaCreate: readonly Grantee[]
}

/** Names that break what quotes, cuts, splits or compares names carelessly. */
const hostileNames: readonly string[] = [
  'orders',
  'Order Lines',
  'select',
  'a.b',
  'x"y',
  "it's",
  'parent1',
  'outer_parent1',
  'shared',
  'UPPER',
  'PUBLIC',
  'back\\slash',
  '$1',
  '$watertight$',
  'a:b',
  '-- x',
  'ünïcode',
  '水',
  'new\nline',
  'l'.repeat(63),
  'é'.repeat(31),
  'long_name_that_has_to_be_cut_to_fit_a_suffix_behind_it_abcdefg',
  'tenant_id',
  '$&',
]

const someOf = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const rarely: fc.Arbitrary<boolean> = fc.nat(4).map((number) => number === 0)

const actions = someOf('no action', 'restrict', 'cascade', 'set null', 'set default')

const foreignKey: fc.Arbitrary<GeneratedForeignKey> = fc.record({
  target: fc.nat(7),
  composite: fc.boolean(),
  onDelete: actions,
  onUpdate: actions,
  deferrable: someOf<GeneratedForeignKey['deferrable']>(
    '',
    'deferrable',
    'deferrable initially deferred',
  ),
  notValid: rarely,
})

const table: fc.Arbitrary<Omit<GeneratedTable, 'name'>> = fc.record({
  label: someOf('label', ...hostileNames),
  scope: someOf<ScopeClass>('tenant', 'tenant', 'org', 'org', 'self', 'global'),
  isChild: fc.boolean(),
  parent: fc.nat(7),
  hasOwnOrgColumn: fc.boolean(),
  idType: someOf<IdType>('uuid', 'bigserial', 'identity', 'varchar', 'text-domain'),
  keyStorage: someOf<KeyStorage>('plain', 'plain', 'domain', 'narrow'),
  tenantColumn: fc.option(someOf(...hostileNames), { freq: 3 }),
  hasTenantDefault: rarely,
  isUserTenantless: fc.boolean(),
  isShared: fc.boolean(),
  partition: someOf<PartitionKind>(
    'none',
    'none',
    'none',
    'range',
    'list',
    'hash',
    'range-then-hash',
  ),
  foreignKeys: fc.array(foreignKey, { maxLength: 2 }),
  selfReference: rarely,
  uniques: fc.uniqueArray(
    someOf<UniqueKind>(
      'constraint',
      'nulls-not-distinct',
      'deferrable',
      'partial-index',
      'expression-index',
      'with-tenant',
      'referenced',
    ),
    { maxLength: 3 },
  ),
  hasTenantIndex: rarely,
  appendOnly: rarely,
  commands: fc.option(
    fc.subarray<Command>(['SELECT', 'INSERT', 'UPDATE', 'DELETE'], { minLength: 1 }),
    { freq: 3 },
  ),
  auditor: someOf<GeneratedTable['auditor']>('none', 'all', 'redacted'),
  published: someOf<GeneratedTable['published']>('no', 'no', 'all', 'where', 'through'),
  where: fc.nat(4),
  hasForeignPolicy: rarely,
  rls: someOf<GeneratedTable['rls']>('off', 'off', 'off', 'enabled', 'forced'),
  owner: someOf<GeneratedTable['owner']>('admin', 'admin', 'admin', 'app', 'owner', 'worker'),
  view: someOf<GeneratedTable['view']>('none', 'plain', 'chain', 'off', 'barrier', 'invoker'),
  squatter: someOf<GeneratedTable['squatter']>('none', 'none', 'none', 'public', 'redacted'),
})

const grantees = ['app', 'public', 'auditor', 'owner', 'stranger', 'PUBLIC'] as const

const grant: fc.Arbitrary<GeneratedGrant> = fc.record({
  table: fc.nat(7),
  grantee: someOf<Grantee>(...grantees),
  privilege: someOf<GeneratedGrant['privilege']>(
    'select',
    'insert',
    'update',
    'delete',
    'truncate',
    'references',
  ),
  ofColumn: rarely,
  withGrantOption: fc.boolean(),
  passedTo: fc.option(someOf<Grantee>(...grantees), { freq: 1 }),
})

const defaultPrivilege: fc.Arbitrary<GeneratedDefaultPrivilege> = fc.record({
  objects: someOf<GeneratedDefaultPrivilege['objects']>(
    'tables',
    'tables',
    'functions',
    'sequences',
    'schemas',
  ),
  grantee: someOf<GeneratedDefaultPrivilege['grantee']>(
    'app',
    'public',
    'auditor',
    'stranger',
    'PUBLIC',
  ),
  everywhere: fc.boolean(),
  withGrantOption: rarely,
})

/** Databases with one to eight tables of every shape, and a declaration that fits each. */
export const generatedTenancy: fc.Arbitrary<GeneratedTenancy> = fc.record({
  schema: someOf('data', 'data', 'My "Schema"', 'a.b', 'select'),
  keyType: someOf<KeyType>('uuid', 'bigint', 'text'),
  tenantColumn: someOf('tenant_id', 'tenant_id', 'Tenant', 'user', 'a"b'),
  context: someOf<ContextKind>('signed', 'signed', 'guc', 'jwt-claims', 'membership'),
  absentRoles: fc.subarray([
    'owner',
    'migrator',
    'public',
    'auditor',
    'worker',
    'platform',
  ] as const),
  existingRoles: fc.subarray([
    'owner',
    'migrator',
    'app',
    'public',
    'auditor',
    'worker',
    'platform',
  ] as const),
  existingMemberships: fc.subarray(['app-owner', 'app-stranger', 'migrator-owner'] as const),
  isAppPowerful: rarely,
  hasAccessGrants: fc.boolean(),
  hasOrgTree: fc.boolean(),
  include: fc.subarray<OptionalGroup>(['composite-foreign-keys', 'tenant-unique-keys']),
  tables: fc
    .tuple(
      fc.uniqueArray(someOf(...hostileNames), { minLength: 1, maxLength: 8 }),
      fc.array(table, { minLength: 8, maxLength: 8 }),
    )
    .map(([names, shapes]) =>
      names.flatMap((name, index) => {
        const shape = shapes[index]
        return shape ? [{ name, ...shape }] : []
      }),
    ),
  grants: fc.array(grant, { maxLength: 6 }),
  defaultPrivileges: fc.array(defaultPrivilege, { maxLength: 2 }),
  schemaCreate: fc.uniqueArray(someOf<Grantee>('app', 'stranger', 'PUBLIC'), { maxLength: 1 }),
})
