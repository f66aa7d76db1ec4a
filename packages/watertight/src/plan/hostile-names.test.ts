import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { keys } from '../../../../test/attacked-shop.js'
import { tokenOf } from '../../../../test/context-forgery.js'
import { acme, globex, plain, schemaOf, table, tenancyOf } from '../../../../test/named-system.js'
import type { Names } from '../../../../test/named-system.js'
import { diffSnapshots, readCatalog } from '../catalog/index.js'
import { addSigningKey, applyPlan, makePlan, rollbackPlan, schemasOf } from '../migrate/index.js'
import { defineTenancy } from '../model/index.js'
import { ident, literal, sql } from '../sql/index.js'

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
      await expect(survives({ ...plain, ...hostile }, database)).resolves.toBeUndefined()
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
    const run = fc.assert(
      fc.asyncProperty(names, (drawn) => survives(drawn, database)),
      {
        seed: Number(process.env['WATERTIGHT_SEED'] ?? 20_261_121),
        numRuns: 1,
        endOnFailure: true,
      },
    )
    await expect(run).resolves.toBeUndefined()
  })
})
