import { expect, it } from 'vitest'
import { WatertightError } from '../errors/index.js'
import { parseModel } from './index.js'

/** Title, declaration, and each problem as `path: message`. */
type Case = readonly [title: string, input: unknown, problems: readonly string[]]

function problemsOf(input: unknown): readonly string[] {
  try {
    parseModel(input)
  } catch (error) {
    if (!(error instanceof WatertightError) || error.code !== 'INVALID_MODEL') throw error
    return error.problems.map(({ path, message }) => `${path}: ${message}`)
  }
  throw new Error('the declaration was accepted')
}

const shop = {
  schemas: ['shop', 'core'],
  orgUnits: { table: 'core.org_units' },
  accessGrants: 'core.access_grants',
}

const sectionCases: readonly Case[] = [
  ['no object', 'tenant_id', [': expected an object, got "tenant_id"']],
  ['an array', [], [': expected an object, got an array']],
  ['a class instance', new Map(), [': expected a plain object, got a class instance']],
  ['no schemas', {}, ['schemas: is required']],
  ['empty schemas', { schemas: [] }, ['schemas: expected at least one entry']],
  [
    "system schemas and watertight's own",
    { schemas: ['pg_catalog', 'information_schema', 'watertight'] },
    [
      'schemas[0]: "pg_catalog" is a system schema',
      'schemas[1]: "information_schema" is a system schema',
      "schemas[2]: is watertight's own schema; declare the schemas that hold your tables",
    ],
  ],
  ['a schema twice', { schemas: ['a', 'b', 'a'] }, ['schemas[2]: "a" repeats [0]']],
  [
    'a misspelt key',
    { ...shop, tenantkey: {}, org_units: {}, zebra: 1 },
    [
      'tenantkey: unknown key; did you mean "tenantKey"?',
      'org_units: unknown key; did you mean "orgUnits"?',
      'zebra: unknown key',
    ],
  ],
  [
    'a key type that PostgreSQL has but tenants do not',
    { ...shop, tenantKey: { type: 'int' }, userKey: { type: 'uid' } },
    [
      'tenantKey.type: expected "uuid", "bigint" or "text", got "int"',
      'userKey.type: expected "uuid", "bigint" or "text", got "uid"; did you mean "uuid"?',
    ],
  ],
  [
    'identifiers that PostgreSQL would cut, refuse or not store',
    { schemas: ['a'], tenantKey: { column: 'ä'.repeat(32) }, userKey: { type: null } },
    [
      `tenantKey.column: "${'ä'.repeat(32)}" is 64 bytes long; PostgreSQL cuts identifiers after 63`,
      'userKey.type: expected "uuid", "bigint" or "text", got null',
    ],
  ],
  [
    'column overrides',
    {
      ...shop,
      tenantKey: {
        columnByTable: {
          orders: 'id',
          'shop.a': '',
          'shop."a"': 'id',
          'other.b': 'id',
          'shop.c': 7,
        },
      },
    },
    [
      'tenantKey.columnByTable.orders: expected schema.table, got "orders"; put a part that holds a dot, space or quote in double quotes',
      'tenantKey.columnByTable.shop.a: an identifier cannot be empty',
      'tenantKey.columnByTable.shop.c: expected a name, got 7',
    ],
  ],
  [
    'a condition on tenants without their table, or where nothing would ask it',
    { ...shop, tenantKey: { activeWhere: 'is_open' }, context: { kind: 'guc', tenant: 'app.t' } },
    [
      'tenantKey.activeWhere: needs `tenantKey.table`, whose rows it is about',
      'tenantKey.activeWhere: goes with signed contexts only',
    ],
  ],
  [
    'two overrides for one table',
    { ...shop, tenantKey: { columnByTable: { 'shop.a': 'id', 'shop."a"': 'key' } } },
    ['tenantKey.columnByTable.shop."a": names shop.a a second time'],
  ],
  [
    'org units without a tree, when nothing else resolves them',
    { schemas: ['shop'], orgUnits: {} },
    ['orgUnits.table: is required unless `context.orgUnits` names a setting that holds the units'],
  ],
  [
    'access grants without a table or with one column for two things',
    { schemas: ['core'], accessGrants: { startsAtColumn: 'at', expiresAtColumn: 'at' } },
    [
      'accessGrants.table: is required',
      'accessGrants.expiresAtColumn: is the same column as startsAtColumn',
    ],
  ],
  [
    'a context of no kind',
    { ...shop, context: { tenant: 'app.tenant_id' } },
    ['context.kind: expected "signed", "guc", "jwt-claims" or "membership", got nothing'],
  ],
  [
    'a misspelt kind of context',
    { ...shop, context: { kind: 'jwt_claims', whatever: 1 } },
    [
      'context.kind: expected "signed", "guc", "jwt-claims" or "membership", got "jwt_claims"; did you mean "jwt-claims"?',
    ],
  ],
  [
    'settings that PostgreSQL would refuse or that are its own',
    { ...shop, context: { kind: 'guc', tenant: 'tenant_id', user: 'app.', orgUnits: "a.b'c" } },
    [
      'context.tenant: expected a custom setting such as "app.tenant_id", got "tenant_id"',
      'context.user: expected a custom setting such as "app.tenant_id", got "app."',
      'context.orgUnits: expected a custom setting such as "app.tenant_id", got "a.b\'c"',
    ],
  ],
  [
    'claims that are no JSON pointers',
    {
      ...shop,
      context: { kind: 'jwt-claims', guc: 'request.jwt', tenant: 'org.id', user: '/a~2' },
    },
    [
      'context.tenant: expected a JSON pointer (RFC 6901), got "org.id"; write "/org/id"',
      'context.user: expected a JSON pointer (RFC 6901), got "/a~2"; write ~ as ~0 and / as ~1',
    ],
  ],
  [
    'an incomplete membership',
    {
      ...shop,
      context: { kind: 'membership', user: {}, via: { table: 'hr.members', where: ' ' } },
    },
    [
      'context.user.guc: is required',
      'context.via.user: is required',
      'context.via.tenant: is required',
      'context.via.where: expected a non-empty string',
    ],
  ],
  [
    'an owner in the row of no table of tenants',
    {
      schemas: ['hr'],
      context: {
        kind: 'membership',
        user: { guc: 'app.user_id' },
        via: { table: 'hr.members', user: 'user_id', tenant: 'org_id' },
        owner: 'owner_id',
      },
    },
    ['context.owner: needs `tenantKey.table`, whose column it is'],
  ],
  [
    'optional groups that do not exist or repeat',
    { ...shop, include: ['tenant-unique-key', 'tenant-unique-keys', 'tenant-unique-keys'] },
    [
      'include[0]: expected "composite-foreign-keys" or "tenant-unique-keys", got "tenant-unique-key"; did you mean "tenant-unique-keys"?',
      'include[2]: "tenant-unique-keys" repeats [1]',
    ],
  ],
  [
    'findings accepted without a reason, for ever, or twice',
    {
      ...shop,
      accept: [
        { key: 'k1', reason: '  ', until: '2027-01-01' },
        { key: 'k2', reason: 'known', until: '2027-02-29' },
        { key: 'k3', reason: 'known' },
        { key: 'k4', reason: 'known', until: '2028-02-29' },
        { key: 'k4', reason: 'again', until: '2028-02-29' },
        'k5',
      ],
    },
    [
      'accept[0].reason: expected a non-empty string',
      'accept[1].until: expected a calendar date such as "2027-01-31", got "2027-02-29"',
      'accept[2].until: is required',
      'accept[4].key: is accepted twice',
      'accept[5]: expected an object, got "k5"',
    ],
  ],
]

const roleCases: readonly Case[] = [
  [
    'explicit roles without the one the application runs as',
    { ...shop, roles: { owner: 'acme_owner' } },
    ['roles.app: is required: the role that the application runs as'],
  ],
  [
    'no app role at all',
    { ...shop, roles: { app: null } },
    ['roles.app: is required: the role that the application runs as'],
  ],
  [
    'names that are no roles to PostgreSQL',
    { ...shop, roles: { app: 'public', worker: 'none', auditor: 'pg_monitor', owner: '' } },
    [
      'roles.owner: an identifier cannot be empty',
      'roles.app: "public" is no role but a keyword',
      'roles.auditor: role names that start with pg_ are reserved',
      'roles.worker: "none" is no role but a keyword',
    ],
  ],
  [
    'one role for two modes',
    { ...shop, roles: { prefix: 'acme', auditor: 'acme_app', platform: 'acme_app' } },
    [
      'roles.auditor: is the same role as roles.app; every mode needs a role of its own',
      'roles.platform: is the same role as roles.app; every mode needs a role of its own',
    ],
  ],
  [
    'a prefix that is too long for the longest role name',
    { ...shop, roles: { prefix: 'p'.repeat(55) } },
    [
      `roles.prefix: gives too long a name: "${'p'.repeat(55)}_migr"… (64 characters) is 64 bytes long; PostgreSQL cuts identifiers after 63`,
    ],
  ],
  [
    'a reserved prefix',
    { ...shop, roles: { prefix: 'pg' } },
    ['roles.prefix: role names that start with pg_ are reserved'],
  ],
  ['a role nobody has', { ...shop, roles: { admin: 'x' } }, ['roles.admin: unknown key']],
]

it.each([...sectionCases, ...roleCases])('rejects %s', (_title, input, expected) => {
  expect(problemsOf(input)).toEqual(expected)
})
