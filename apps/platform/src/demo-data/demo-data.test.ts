import { readFile, readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sql } from 'watertight/sql'
import { ident, qualifiedName, sql } from 'watertight/sql'
import type { TestDatabase } from '../../../../test/database.js'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import { configureKeys, localKeys } from '../keys/key-setup.js'
import { demo, seedDemoData } from './index.js'

configureKeys({ providers: [localKeys(Buffer.alloc(32, 'demo').toString('base64url'))] })

const migrations = new URL('../../migrations/', import.meta.url)

async function loadMigrations(admin: TestDatabase['admin']): Promise<void> {
  const files = (await readdir(migrations)).filter((name) => name.endsWith('.sql')).sort()
  await admin.query('begin')
  for (const file of files) await admin.query(await readFile(new URL(file, migrations), 'utf8'))
  await admin.query('commit')
}

interface TableRow {
  readonly schema: string
  readonly name: string
  readonly has_tenant: boolean
  readonly has_org_unit: boolean
  readonly is_partition: boolean
}

async function listTables(admin: TestDatabase['admin']): Promise<TableRow[]> {
  const { rows } = await admin.query<TableRow>(`
    select n.nspname as schema, c.relname as name, c.relispartition as is_partition,
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id'
        and a.attnotnull) as has_tenant,
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_unit_id'
        and a.attnotnull) as has_org_unit
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname not like 'pg\\_%'
      and n.nspname <> 'information_schema'
    order by 1, 2`)
  return rows
}

const table = (row: TableRow): Sql => qualifiedName(row.schema, row.name)

describe.each(serverMajors)('the demo data on PostgreSQL %i', (major) => {
  let database: TestDatabase
  let tables: TableRow[]

  beforeAll(async () => {
    database = await createTestDatabase({ major })
    await loadMigrations(database.admin)
    tables = await listTables(database.admin)
    await database.admin.query('begin')
    await seedDemoData(database.admin)
    await database.admin.query('commit')
  })

  afterAll(async () => {
    await database.drop()
  })

  async function count(query: Sql): Promise<number[]> {
    const { rows } = await database.admin.query<{ n: number }>(query.text)
    return rows.map(({ n }) => n)
  }

  test('has two rows or more of every tenant in every table with a tenant', async () => {
    const owned = tables.filter((row) => row.has_tenant && !row.is_partition)
    expect(owned.length).toBeGreaterThan(30)
    const short: string[] = []
    for (const row of owned) {
      const perTenant = await count(
        sql`select count(*)::int as n from ${table(row)} group by tenant_id`,
      )
      // The small tenant has one org unit, its root, and can have no second; a chain and a ledger have one head.
      const least = ['org_units', 'audit_heads', 'ledger_heads'].includes(row.name) ? 1 : 2
      if (perTenant.length !== 3 || Math.min(...perTenant) < least) short.push(table(row).text)
    }
    expect(short).toEqual([])
  })

  test('has rows in different org units of two tenants in every table with an org unit', async () => {
    const owned = tables.filter((row) => row.has_org_unit && !row.is_partition)
    expect(owned.length).toBeGreaterThan(15)
    const short: string[] = []
    for (const row of owned) {
      const unitsPerTenant = await count(
        sql`select count(distinct org_unit_id)::int as n from ${table(row)} group by tenant_id`,
      )
      if (unitsPerTenant.filter((n) => n >= 2).length < 2) short.push(table(row).text)
    }
    expect(short).toEqual([])
  })

  test('has rows of every tenant in tables that belong to a tenant through their parent', async () => {
    const { rows } = await database.admin.query<{ child: string; parent: string; key: string }>(`
      select conrelid::regclass::text as child, confrelid::regclass::text as parent,
        quote_ident(a.attname) as key
      from pg_constraint
      join pg_attribute a on a.attrelid = conrelid and a.attnum = conkey[1]
      where contype = 'f' and cardinality(conkey) = 1
        and exists (select from pg_attribute t
          where t.attrelid = confrelid and t.attname = 'tenant_id')
        and not exists (select from pg_attribute t
          where t.attrelid = conrelid and t.attname = 'tenant_id')
      order by 1`)
    expect(rows).toEqual([
      { child: 'media.variants', parent: 'media.files', key: 'file_id' },
      { child: 'sec.delivery_attempts', parent: 'sec.deliveries', key: 'delivery_id' },
    ])
    const variants = sql`select count(*)::int as n from media.variants v
      join media.files f on f.id = v.file_id group by f.tenant_id`
    const attempts = sql`select count(*)::int as n from sec.delivery_attempts a
      join sec.deliveries d on d.id = a.delivery_id group by d.tenant_id`
    expect(await count(variants)).toEqual([2, 2, 2])
    expect(await count(attempts)).toEqual([3, 3, 3])
  })

  test('leaves no table empty, no range partition empty, and no table without a comment', async () => {
    const empty: string[] = []
    // Which third of the message log a tenant falls into is the hash's choice.
    for (const row of tables.filter((one) => !(one.schema === 'notify' && one.is_partition))) {
      const [n] = await count(sql`select count(*)::int as n from ${table(row)}`)
      if (n === 0) empty.push(table(row).text)
    }
    expect(empty).toEqual([])
    const { rows } = await database.admin.query(
      `select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = relnamespace
       where relkind in ('r', 'p') and nspname = any ($1) and obj_description(c.oid) is null`,
      [['core', 'ops', 'sec', 'eval', 'media', 'evt', 'notify']],
    )
    expect(rows).toEqual([])
  })

  test('agrees with itself: every row that names an org unit or parent names one of its tenant', async () => {
    const { rows } = await database.admin.query<{ child: string; parent: string; key: string }>(`
      select conrelid::regclass::text as child, confrelid::regclass::text as parent,
        a.attname as key
      from pg_constraint
      join pg_attribute a on a.attrelid = conrelid and a.attnum = conkey[1]
      where contype = 'f' and cardinality(conkey) = 1 and conparentid = 0
        and 2 = (select count(*) from pg_attribute t
          where t.attrelid in (conrelid, confrelid) and t.attname = 'tenant_id')`)
    expect(rows.length).toBeGreaterThan(15)
    const strayKeys: string[] = []
    for (const { child, parent, key } of rows) {
      const [childSchema = '', childName = ''] = child.split('.')
      const [parentSchema = '', parentName = ''] = parent.split('.')
      const strays = sql`select count(*)::int as n from ${qualifiedName(childSchema, childName)} c
        join ${qualifiedName(parentSchema, parentName)} p on p.id = c.${ident(key)}
        where p.tenant_id <> c.tenant_id`
      const [n] = await count(strays)
      if (n !== 0) strayKeys.push(`${child}.${key}`)
    }
    expect(strayKeys).toEqual([])
  })

  test('has grants that are live, expired, revoked and yet to start', async () => {
    const { rows } = await database.admin.query(
      `select id, can_write from core.access_grants
       where now() between starts_at and expires_at and revoked_at is null order by id`,
    )
    expect(rows).toEqual([
      { id: demo.accessGrants.auditorLive, can_write: false },
      { id: demo.accessGrants.platformReadOnly, can_write: false },
      { id: demo.accessGrants.platformWritable, can_write: true },
    ])
  })

  test('has audit chains that end at their heads', async () => {
    const { rows } = await database.admin.query(
      `select h.chain_position::int as position, e.entry_hash = h.entry_hash as ends_there
       from ops.audit_heads h join ops.audit_log e using (tenant_id, chain_position)`,
    )
    expect(rows).toEqual(Array.from({ length: 3 }, () => ({ position: 6, ends_there: true })))
  })

  test('renews the windows of the grants and nothing else when it is seeded again', async () => {
    const totals = async (): Promise<number[]> =>
      count(
        sql`select (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I.%I',
            schemaname, tablename), false, true, '')))[1]::text::int as n
          from pg_tables where schemaname in ('core', 'ops', 'sec', 'eval', 'media', 'evt', 'notify')
          order by schemaname, tablename`,
      )
    const before = await totals()
    await database.admin.query(
      `update core.access_grants set starts_at = starts_at - interval '1 year',
         expires_at = expires_at - interval '1 year'`,
    )
    await seedDemoData(database.admin)
    expect(await totals()).toEqual(before)
    const { rows } = await database.admin.query(
      'select expires_at > now() as live from core.access_grants where id = $1',
      [demo.accessGrants.auditorLive],
    )
    expect(rows).toEqual([{ live: true }])
  })

  test.each([
    [
      'a second live event of a tenant under the same slug',
      '23505',
      `insert into evt.events (tenant_id, org_unit_id, slug, title, starts_at, ends_at, capacity,
         created_by)
       select tenant_id, org_unit_id, slug, title, starts_at, ends_at, capacity, created_by
       from evt.events where id = $1`,
      demo.events.eventsPublished,
    ],
    [
      'a second root unit of a tenant',
      '23505',
      `insert into core.org_units (tenant_id, name, slug, is_hidden_root)
       select tenant_id, 'Second', 'second', true from core.org_units where id = $1`,
      demo.orgUnits.school.root,
    ],
    [
      'a second live check-in of a registration',
      '23505',
      `insert into evt.check_ins (tenant_id, org_unit_id, registration_id)
       select tenant_id, org_unit_id, registration_id
       from evt.check_ins where tenant_id = $1 and revoked_at is null limit 1`,
      demo.tenants.events,
    ],
    [
      'a change of a published evaluation version',
      '23001',
      `update eval.evaluation_versions set content = '{"questions": []}'
       where tenant_id = $1 and state = 'published'`,
      demo.tenants.school,
    ],
    [
      'an org unit below a unit of another tenant',
      '23503',
      `update core.org_units set parent_id = (select id from core.org_units
         where parent_id is null and tenant_id <> $1 limit 1) where tenant_id = $1
         and parent_id is not null`,
      demo.tenants.school,
    ],
    [
      'more tickets sold than there are',
      '23514',
      'update evt.ticket_types set sold = quantity + 1 where tenant_id = $1',
      demo.tenants.events,
    ],
  ])('stands on constraints that refuse %s', async (_what, code, statement, id) => {
    await expect(database.admin.query(statement, [id])).rejects.toMatchObject({ code })
  })

  test('frees the slug of an event that was deleted', async () => {
    await database.admin.query('begin')
    await database.admin.query('update evt.events set deleted_at = now() where id = $1', [
      demo.events.eventsPublished,
    ])
    const { rowCount } = await database.admin.query(
      `insert into evt.events (tenant_id, org_unit_id, slug, title, starts_at, ends_at, capacity,
         created_by)
       select tenant_id, org_unit_id, slug, title, starts_at, ends_at, capacity, created_by
       from evt.events where id = $1`,
      [demo.events.eventsPublished],
    )
    await database.admin.query('rollback')
    expect(rowCount).toBe(1)
  })

  test('lets a published evaluation version be withdrawn and saved unchanged', async () => {
    await database.admin.query('begin')
    const { rowCount } = await database.admin.query(
      `update eval.evaluation_versions set max_points = max_points where state = 'published'`,
    )
    const withdrawn = await database.admin.query(
      `update eval.evaluation_versions set state = 'withdrawn' where state = 'published'`,
    )
    await database.admin.query('rollback')
    expect(rowCount).toBe(12)
    expect(withdrawn.rowCount).toBe(12)
  })

  test('goes in as a superuser when RLS is forced on every table', async () => {
    const forced = await createTestDatabase({ major })
    try {
      await loadMigrations(forced.admin)
      for (const row of tables) {
        await forced.admin.query(sql`alter table ${table(row)} enable row level security`.text)
        await forced.admin.query(sql`alter table ${table(row)} force row level security`.text)
      }
      await seedDemoData(forced.admin)
      const { rows } = await forced.admin.query('select count(*)::int as n from evt.events')
      expect(rows).toEqual([{ n: 9 }])
    } finally {
      await forced.drop()
    }
  })
})
