import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { ServerMajor, TestDatabase } from '../../../../test/database.js'
import { keys } from '../../../../test/attacked-shop.js'
import { tokenOf } from '../../../../test/context-forgery.js'
import { diffSnapshots, readCatalog } from '../catalog/index.js'
import { addSigningKey, applyPlan, makePlan, rollbackPlan, schemasOf } from '../migrate/index.js'
import { defineTenancy } from '../model/index.js'
import type { TenancyInput } from '../model/index.js'
import { ident, literal, qualifiedName, sql } from '../sql/index.js'
import type { Sql } from '../sql/index.js'

/** Names for the objects of one small system; each may be anything. */
interface Names {
  readonly schema: string
  readonly tenants: string
  readonly members: string
  readonly users: string
  readonly units: string
  readonly grants: string
  readonly parents: string
  readonly children: string
  readonly log: string
  readonly id: string
  readonly tenant: string
  readonly user: string
  readonly unit: string
  readonly above: string
  readonly parent: string
  readonly secret: string
  readonly roleSuffix: string
}

const plain: Names = {
  schema: 'app',
  tenants: 'tenants',
  members: 'members',
  users: 'users',
  units: 'units',
  grants: 'grants',
  parents: 'orders',
  children: 'lines',
  log: 'log',
  id: 'id',
  tenant: 'tenant_id',
  user: 'user_id',
  unit: 'unit_id',
  above: 'parent_id',
  parent: 'order_id',
  secret: 'card',
  roleSuffix: '',
}

const [acme, globex] = ['a', 'b'].map(
  (digit) => `${digit.repeat(8)}-0000-4000-8000-000000000000`,
) as [string, string]
const table = (names: Names, name: string): Sql => qualifiedName(names.schema, name)

function schemaOf(names: Names): string {
  const [id, tenant, user, unit, above, parent, secret] = [
    names.id,
    names.tenant,
    names.user,
    names.unit,
    names.above,
    names.parent,
    names.secret,
  ].map((name) => ident(name)) as [Sql, Sql, Sql, Sql, Sql, Sql, Sql]
  const t = (name: keyof Names): Sql => table(names, names[name])
  return sql`
create schema ${ident(names.schema)};
create table ${t('tenants')} (${id} uuid primary key);
create table ${t('users')} (${id} uuid primary key);
create table ${t('members')} (${user} uuid references ${t('users')}, ${tenant} uuid references ${t('tenants')}, primary key (${user}, ${tenant}));
create table ${t('units')} (${id} uuid primary key, ${tenant} uuid not null, ${above} uuid);
create table ${t('grants')} (${id} uuid primary key, ${tenant} uuid not null, ${user} uuid not null, ${above} text not null,
  ${secret} boolean, starts_at timestamptz, expires_at timestamptz, revoked_at timestamptz);
create table ${t('parents')} (${id} bigserial primary key, ${tenant} uuid not null, ${unit} uuid not null, ${secret} text);
create table ${t('children')} (${id} bigserial primary key, ${parent} bigint not null references ${t('parents')}, ${secret} text);
create table ${t('log')} (${id} bigserial primary key, ${tenant} uuid not null, ${secret} text) partition by range (${id});
create table ${qualifiedName(names.schema, `${[...names.log].slice(0, 8).join('')} 1`)} partition of ${t('log')} default;
insert into ${t('tenants')} values (${literal(acme)}), (${literal(globex)});
insert into ${t('users')} table ${t('tenants')};
insert into ${t('members')} select ${id}, ${id} from ${t('tenants')};
insert into ${t('units')} select ${id}, ${id} from ${t('tenants')};
insert into ${t('grants')} select ${id}, ${id}, ${id}, 'auditor', false, now() - interval '1 hour', now() + interval '1 hour' from ${t('tenants')};
insert into ${t('parents')} (${tenant}, ${unit}, ${secret}) select ${id}, ${id}, ${id}::text from ${t('tenants')};
insert into ${t('children')} (${parent}, ${secret}) select ${id}, ${secret} from ${t('parents')};
insert into ${t('log')} (${tenant}, ${secret}) select ${id}, ${id}::text from ${t('tenants')};`.text
}

function tenancyOf(names: Names, rolePrefix: string): TenancyInput {
  const key = (name: keyof Names): string =>
    `"${names.schema.replaceAll('"', '""')}"."${names[name].replaceAll('"', '""')}"`
  return {
    tenantKey: {
      table: key('tenants'),
      column: names.tenant,
      columnByTable: { [key('tenants')]: names.id },
    },
    orgUnits: {
      table: key('units'),
      idColumn: names.id,
      parentColumn: names.above,
      tenantColumn: names.tenant,
      column: names.unit,
    },
    accessGrants: {
      table: key('grants'),
      idColumn: names.id,
      tenantColumn: names.tenant,
      granteeColumn: names.user,
      modeColumn: names.above,
      canWriteColumn: names.secret,
    },
    roles: { prefix: rolePrefix + names.roleSuffix },
    schemas: [names.schema],
    include: ['composite-foreign-keys', 'tenant-unique-keys'],
    tables: {
      [key('tenants')]: { scope: 'tenant', commands: ['SELECT'], auditor: true },
      [key('users')]: {
        scope: 'self',
        userColumn: names.id,
        sharedThrough: {
          table: key('members'),
          userColumn: names.user,
          tenantColumn: names.tenant,
        },
      },
      [key('members')]: { scope: 'tenant' },
      [key('units')]: { scope: 'tenant' },
      [key('grants')]: { scope: 'tenant' },
      [key('parents')]: {
        scope: 'org',
        auditor: { redact: [names.secret] },
        public: { where: sql`${ident(names.secret)} <> 'hidden'`.text, columns: [names.id] },
      },
      [key('children')]: {
        scope: 'org',
        through: key('parents'),
        public: { through: key('parents'), columns: [names.id, names.parent] },
      },
      [key('log')]: { scope: 'tenant', appendOnly: true, auditor: { redact: [names.secret] } },
    },
  }
}

const allow = [
  'WIDENS_ACCESS',
  'DISABLES_RLS',
  'DROPS_POLICY',
  'GRANTS_BYPASS',
  'DELETES_DATA',
  'OPENS_WINDOW',
]
const bell = 'e\u0301\u{1F408}\u200D\u2B1B \u202E'

const cases: readonly (readonly [string, Partial<Names>])[] = [
  [
    'quotes, backslashes and comments',
    {
      schema: `"; drop schema watertight cascade; --`,
      tenants: `te'nants`,
      members: '\\',
      users: `E'\\x'`,
      units: '/* units */',
      grants: '--',
      parents: `'; select 1; '`,
      children: '";"',
      log: '%I %s %%',
      id: 'i"d',
      tenant: "t'",
      user: '\\u0000',
      unit: `$1`,
      above: 'a\nb\tc\r',
      parent: '""',
      secret: '$$',
      roleSuffix: ` "r'\\;--`,
    },
  ],
  [
    'dollar quotes',
    {
      schema: '$watertight$',
      tenants: '$watertight',
      members: '$watertight_$',
      users: '$$',
      units: '$watertight$; select 1; $watertight$',
      grants: '$body$',
      parents: '$function$',
      children: '$1',
      log: '$',
      id: '$id$',
      tenant: '$watertight$',
      user: 'u$',
      unit: '$watertight_',
      secret: '$watertight$ x',
      roleSuffix: '$watertight$',
    },
  ],
  [
    'accents, emoji and direction marks',
    {
      schema: `${bell}s`,
      tenants: `${bell}t`,
      members: 'é',
      users: 'e\u0301',
      units: `${bell}n`,
      grants: `${bell}g`,
      parents: `İı`,
      children: `ſſ`,
      log: '日本語',
      id: '🆔',
      tenant: bell,
      user: '\u00a0',
      unit: '\u200b',
      above: '\ufeff',
      parent: 'ﬃ',
      secret: 'Ω\u0301',
      roleSuffix: 'Ünï 🐈',
    },
  ],
  [
    '63 bytes',
    {
      schema: 's'.repeat(63),
      tenants: `${'t'.repeat(62)}1`,
      members: `${'t'.repeat(62)}2`,
      users: 'é'.repeat(31),
      units: `${'ü'.repeat(31)}u`,
      grants: `${'🐈'.repeat(15)}abc`,
      parents: 'p'.repeat(63),
      children: `${'p'.repeat(62)}q`,
      log: 'L'.repeat(63),
      id: 'i'.repeat(63),
      tenant: `${'i'.repeat(62)}t`,
      user: 'u'.repeat(63),
      unit: `${'i'.repeat(62)}u`,
      above: `${'i'.repeat(62)}a`,
      parent: `${'i'.repeat(62)}p`,
      secret: `${'i'.repeat(62)}s`,
      roleSuffix: 'r'.repeat(36),
    },
  ],
  [
    'reserved words',
    {
      schema: 'select',
      tenants: 'user',
      members: 'table',
      users: 'all',
      units: 'from',
      grants: 'grant',
      parents: 'order',
      children: 'only',
      log: 'analyze',
      id: 'null',
      tenant: 'default',
      user: 'current_user',
      unit: 'merge_action',
      above: 'system_user',
      parent: 'json_table',
      secret: 'json',
      roleSuffix: ' user',
    },
  ],
  [
    'upper case',
    {
      schema: 'App',
      tenants: 'TENANTS',
      members: 'Members',
      users: 'USERS',
      units: 'Units',
      grants: 'Grants',
      parents: 'ORDERS',
      children: 'Lines',
      log: 'LOG',
      id: 'ID',
      tenant: 'TenantId',
      user: 'UserID',
      unit: 'Unit',
      above: 'ABOVE',
      parent: 'OrderId',
      secret: 'Card',
      roleSuffix: 'UP',
    },
  ],
  [
    'dots',
    {
      schema: 'a.b',
      tenants: 'a.b.c',
      members: '.',
      users: 'b.c',
      units: '..',
      grants: 'x.y',
      parents: 'shop."x"',
      children: '"a"."b"',
      log: 'c.',
      id: '.id',
      tenant: 'orders.tenant',
      user: 'a.b',
      unit: '*',
      above: 'a.*',
      parent: 'p.',
      secret: '.s',
      roleSuffix: '.r:x',
    },
  ],
  [
    'aliases of the policies',
    {
      schema: 'watertight_',
      tenants: 'outer_shared',
      members: 'shared',
      users: 'shared1',
      units: 'u',
      grants: 'g',
      parents: 'parent1',
      children: 'parent2',
      log: 'outer_parent1',
      id: 'id',
      tenant: 'parent1',
      user: 'shared',
      unit: 's',
      above: 'u',
      parent: 'parent2',
      secret: 'k',
    },
  ],
  [
    'aliases the other way round',
    {
      tenants: 'parent',
      members: 'outer_shared',
      users: 'shared',
      units: 'subtree',
      grants: 'signing_keys',
      parents: 'outer_parent1',
      children: 'parent1',
      log: 'parent2',
      id: 'outer_parent1',
      tenant: 'tenant_id',
      user: 'user_id',
      unit: 'org_unit_ids',
      above: 'mode',
      parent: 'parent1',
      secret: 'outer_parent1_id',
    },
  ],
  [
    'variables of the kernel',
    {
      tenants: 'token',
      members: 'claims',
      users: 'key_id',
      units: 'claims_',
      grants: 'signed',
      parents: 'claims__',
      children: 'inner_pad',
      log: 'outer_pad',
      id: 'claims',
      tenant: 'token',
      user: 'signed',
      unit: 'key_id',
      above: 'capability',
      parent: 'inner_pad',
      secret: 'outer_pad',
    },
  ],
  [
    'system columns and types of other schemas',
    {
      schema: 'text',
      tenants: 'uuid',
      members: 'bytea',
      users: 'jsonb',
      units: 'int8',
      grants: 'numeric',
      parents: 'sha256',
      children: 'public',
      log: 'pg_class',
      id: 'oid',
      tenant: 'public',
      user: 'uuid',
      unit: 'name',
      above: 'text',
      parent: 'oid8',
      secret: 'value',
      roleSuffix: ' public',
    },
  ],
]

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  let database: TestDatabase
  afterEach(() => database.drop())

  async function survives(names: Names, on: TestDatabase): Promise<void> {
    const { admin, rolePrefix } = on
    await admin.query(schemaOf(names))
    const model = defineTenancy(tenancyOf(names, rolePrefix))
    const before = await readCatalog(admin, { schemas: schemasOf(model) })
    await applyPlan(admin, await makePlan(admin, model), { allow })
    const second = await makePlan(admin, model)
    expect(second.steps.map(({ summary }) => summary)).toEqual([])
    await expectIsolation(names, model.roles.app, on)
    await rollbackPlan(admin, { allow })
    expect(diffSnapshots(before, await readCatalog(admin, { schemas: schemasOf(model) }))).toEqual(
      [],
    )
    await admin.query(sql`drop schema ${ident(names.schema)} cascade`.text)
  }

  async function expectIsolation(names: Names, role: string, on: TestDatabase): Promise<void> {
    await addSigningKey(on.admin, keys.current)
    const client = await on.connect(role)
    const e = Math.floor(Date.now() / 1000) + 600
    const context = (t: string, o: string): string =>
      tokenOf({ m: 'member', e, t, u: t, o, ou: t }, keys.current)
    const tables = [
      'tenants',
      'users',
      'members',
      'units',
      'grants',
      'parents',
      'children',
      'log',
    ] as const
    for (const [token, rows] of [
      [context(acme, 'subtree'), 1],
      [context(acme, 'all'), 1],
      [`${context(acme, 'all')} `, 0],
    ] as const) {
      await client.query('begin')
      await client.query('select set_config($1, $2, true)', ['watertight.context', token])
      for (const name of tables) {
        const seen = await client.query(sql`select * from ${table(names, names[name])}`.text)
        expect([name, seen.rowCount, JSON.stringify(seen.rows).includes(globex)]).toEqual([
          name,
          rows,
          false,
        ])
      }
      await client.query('savepoint write')
      const foreign = sql`insert into ${table(names, names.parents)} (${ident(names.tenant)}, ${ident(names.unit)}) values (${literal(globex)}, ${literal(globex)})`
      await expect(client.query(foreign.text)).rejects.toMatchObject({ code: '42501' })
      await client.query('rollback to write')
      if (rows === 1) {
        const own = sql`insert into ${table(names, names.parents)} (${ident(names.unit)}) values (${literal(acme)}) returning ${ident(names.tenant)} as tenant`
        expect((await client.query(own.text)).rows).toEqual([{ tenant: acme }])
      }
      await client.query('rollback')
    }
    await client.end()
    await expect(
      on.admin.query(sql`truncate ${table(names, names.log)}`.text),
    ).rejects.toMatchObject({ code: '42501' })
  }

  it.each(cases)(
    'a system named with %s is isolated, converges and rolls back',
    async (_name, hostile) => {
      database = await createTestDatabase({ major })
      await survives({ ...plain, ...hostile }, database)
    },
  )

  it('two tables whose names run into one both are protected', async () => {
    database = await createTestDatabase({ major })
    const { admin, rolePrefix } = database
    await admin.query(`create schema a; create schema "a.b";
      create table a."b.c" (tenant_id uuid not null); create table "a.b".c (tenant_id uuid not null)`)
    const model = defineTenancy({
      roles: { prefix: rolePrefix },
      schemas: ['a', 'a.b'],
      tenantKey: {},
      tables: { 'a."b.c"': { scope: 'tenant' }, '"a.b".c': { scope: 'tenant' } },
    })
    await applyPlan(admin, await makePlan(admin, model), { allow })
    const { rows } = await admin.query(
      `select count(*)::int as forced from pg_class where relforcerowsecurity and relname in ('c', 'b.c')`,
    )
    expect(rows).toEqual([{ forced: 2 }])
    expect((await makePlan(admin, model)).steps).toEqual([])
  })

  it('a system with arbitrary names is isolated, converges and rolls back', async () => {
    database = await createTestDatabase({ major })
    const used = Object.keys(plain) as (keyof Names)[]
    const character = fc.oneof(
      fc.constantFrom(`"`, `'`, '\\', '$', '.', ';', '-', '/', '*', '%', ' ', '\n', 'a', 'A', '1'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    )
    const name = fc
      .string({ unit: character, minLength: 1, maxLength: 12 })
      .filter((text) => !/[\0\p{Cs}]/u.test(text) && !text.startsWith('pg_'))
    const names = fc
      .uniqueArray(name, { minLength: used.length, maxLength: used.length })
      .map(
        (list) =>
          Object.fromEntries(used.map((key, index) => [key, list[index]])) as unknown as Names,
      )
    await fc.assert(
      fc.asyncProperty(names, (drawn) => survives(drawn, database)),
      { numRuns: 2, endOnFailure: true },
    )
  })
})
