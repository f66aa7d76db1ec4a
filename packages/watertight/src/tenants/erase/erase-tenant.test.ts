import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ids, openAttackedShop } from '../../../../../test/attacked-shop.js'
import type { AttackedShop } from '../../../../../test/attacked-shop.js'
import { readCatalog } from '../../catalog/index.js'
import { formatTableName } from '../../model/index.js'
import { ident, literal, sql } from '../../sql/index.js'
import type { Queryable, StatementResult } from '../../sql/index.js'
import { deletionOrder } from './deletion-order.js'
import { isGenuineReport } from './erasure-report.js'
import { eraseTenant } from './erase-tenant.js'
import type { EraseOptions, TenantFacts } from './erase-tenant.js'

let shop: AttackedShop
beforeAll(async () => {
  shop = await openAttackedShop(18)
})
afterAll(() => shop.drop())

async function facts(db: Queryable, tenantId: string): Promise<TenantFacts | null> {
  const { rows } = await db.query<{ name: string }>('select name from shop.tenants where id = $1', [
    tenantId,
  ])
  const [row] = rows
  return row ? { name: row.name, legalHold: null } : null
}

function optionsFor(change: Partial<EraseOptions> = {}): EraseOptions {
  return { model: shop.model, tenantId: ids.acme, facts, confirm: 'acme', ...change }
}

/** Every row of the schema as text, by table. */
async function dump(): Promise<Map<string, readonly string[]>> {
  const { rows: tables } = await shop.admin.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'shop' and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  )
  const contents = new Map<string, readonly string[]>()
  for (const { name } of tables) {
    const { rows } = await shop.admin.query<{ line: string }>(
      `select r.line from query_to_xml(format('select to_jsonb(t)::text as line from %s t', $1::text), true, false, '') x
       cross join xmltable('//line' passing x columns line text path '.') r order by 1`,
      [name],
    )
    contents.set(
      name,
      rows.map(({ line }) => line),
    )
  }
  return contents
}

const foreignOf = (contents: ReadonlyMap<string, readonly string[]>): readonly string[] =>
  [...contents.values()].flat().filter((line) => !line.includes(ids.acme))

describe('erasing a tenant', () => {
  it('counts and changes nothing in a dry run', async () => {
    const before = await dump()
    const report = await eraseTenant(shop.admin, optionsFor({ isDryRun: true, confirm: '' }))
    expect(report).toMatchObject({ isDryRun: true, tenantName: 'acme' })
    const orders = report.tables.find(({ table }) => table === 'shop.orders')
    expect(orders).toEqual({ table: 'shop.orders', before: 2, deleted: 0, after: 2 })
    expect(await dump()).toEqual(before)
  })

  it.each<[string, Partial<EraseOptions>, string]>([
    [
      'under legal hold',
      { facts: async () => ({ name: 'acme', legalHold: 'case 7' }) },
      'LEGAL_HOLD',
    ],
    ['whose name was mistyped', { confirm: 'Acme' }, 'CONSENT_REQUIRED'],
    ['of another name', { tenantId: ids.globex }, 'CONSENT_REQUIRED'],
    ['that is not there', { tenantId: ids.ann }, 'NOT_FOUND'],
    ['that the application does not know', { facts: async () => null }, 'NOT_FOUND'],
  ])('that is %s is refused and erases nothing', async (_what, change, code) => {
    const before = await dump()
    await expect(eraseTenant(shop.admin, optionsFor(change))).rejects.toMatchObject({ code })
    expect(await dump()).toEqual(before)
  })

  it.each([
    [
      'a table that nobody declared',
      `create table public.copies (tenant_id uuid); insert into public.copies values ('${ids.acme}')`,
      'drop table public.copies',
      'columns',
    ],
    [
      'a table that refers to the tenant under another name',
      `create table public.bills (payer uuid references shop.tenants on delete set null deferrable);
       create table public.old_bills (payer uuid);
       insert into public.old_bills values ('${ids.acme}')`,
      'drop table public.bills, public.old_bills',
      'everything',
    ],
    [
      'a materialised view',
      'create materialized view public.totals as select tenant_id, count(*) from shop.orders group by 1',
      'drop materialized view public.totals',
      'columns',
    ],
    [
      'a document',
      `create table public.notes (body jsonb); insert into public.notes values ('{"of": "${ids.acme}"}')`,
      'drop table public.notes',
      'everything',
    ],
  ] as const)(
    'is undone when rows of it are left in %s',
    async (_what, statement, cleanUp, search) => {
      await shop.admin.query(statement)
      const before = await dump()
      const attempt = eraseTenant(shop.admin, optionsFor({ search }))
      await expect(attempt).rejects.toMatchObject({
        code: 'ERASURE_INCOMPLETE',
        problems: [{ message: '1 rows' }],
      })
      expect(await dump()).toEqual(before)
      await shop.admin.query(cleanUp)
    },
  )

  it('is undone when a row of another tenant refers to one of its own', async () => {
    await shop.admin.query(`update shop.orders set org_unit_id = '${ids.acmeRoot}' where id = 1000`)
    await expect(eraseTenant(shop.admin, optionsFor())).rejects.toMatchObject({
      code: 'ERASURE_INCOMPLETE',
      sqlState: '23503',
    })
    await shop.admin.query(
      `update shop.orders set org_unit_id = '${ids.globexRoot}' where id = 1000`,
    )
  })

  it('is refused to a role that Row Level Security hides rows from', async () => {
    const worker = await shop.as('worker')
    await expect(eraseTenant(worker, optionsFor())).rejects.toMatchObject({
      code: expect.stringMatching(/^(ROWS_HIDDEN|NOT_FOUND)$/) as string,
    })
  })

  describe('as the owner of the tables, who is bound by FORCE', () => {
    let owner: pg.Client
    const forced = async (): Promise<number> => {
      const { rows } = await shop.admin.query<{ forced: number }>(
        `select count(*)::int as forced from pg_class
         where relforcerowsecurity and relnamespace = 'shop'::regnamespace`,
      )
      return rows[0]?.forced ?? 0
    }
    beforeAll(async () => {
      const role = `${shop.rolePrefix}_owner_of_tables`
      await shop.admin.query(sql`create role ${ident(role)} login nosuperuser nobypassrls`.text)
      await shop.admin.query(
        sql`do ${literal(
          `declare t record; begin
             for t in select oid::regclass as name from pg_class
               where relnamespace = 'shop'::regnamespace and relkind in ('r', 'p') loop
               execute format('alter table %s owner to ${role}', t.name);
             end loop; end`,
        )}`.text,
      )
      await shop.admin.query(sql`grant usage, create on schema shop to ${ident(role)}`.text)
      owner = await shop.connect(role)
    })
    afterAll(async () => {
      await shop.admin.query(
        sql`reassign owned by ${ident(`${shop.rolePrefix}_owner_of_tables`)} to current_user`.text,
      )
    })

    it('counts every row, and FORCE is back', async () => {
      const before = await forced()
      const { rows } = await owner.query('select from shop.orders')
      expect(rows).toEqual([])
      const report = await eraseTenant(owner, optionsFor({ isDryRun: true, confirm: '' }))
      expect(report.tables.find(({ table }) => table === 'shop.orders')?.before).toBe(2)
      expect(await forced()).toBe(before)
    })

    it('deletes every row, none of others, and FORCE is back when it commits', async () => {
      const before = await forced()
      await owner.query('begin')
      const inOne: Queryable = {
        query: <Row>(text: string, values?: unknown[]) =>
          owner.query(
            /^(begin|commit)$/.test(text) ? 'select' : text,
            values,
          ) as Promise<unknown> as Promise<StatementResult<Row>>,
      }
      const report = await eraseTenant(inOne, optionsFor())
      expect(report.tables.every(({ after }) => after === 0)).toBe(true)
      expect(report.tables.find(({ table }) => table === 'shop.orders')?.deleted).toBe(2)
      const { rows } = await owner.query<{ forced: number }>(
        `select count(*)::int as forced from pg_class
         where relforcerowsecurity and relnamespace = 'shop'::regnamespace`,
      )
      expect(rows).toEqual([{ forced: before }])
      await owner.query('rollback')
    })

    it('gives up when a table stays in use, and nothing has changed', async () => {
      const before = await dump()
      const busy = await shop.as('app')
      await busy.query('begin; select from shop.orders')
      const attempt = eraseTenant(owner, optionsFor({ lockTimeout: 50 }))
      await expect(attempt).rejects.toMatchObject({
        code: 'LOCK_NOT_AVAILABLE',
        object: 'shop.orders',
      })
      await busy.query('rollback')
      expect(await dump()).toEqual(before)
    })
  })

  it('leaves no row of it anywhere and every other row as it was', async () => {
    // A circle of tables, both sides required, and a trigger that counts.
    await shop.admin.query(`
      create table shop.pairs (id uuid primary key, tenant_id uuid not null, other uuid not null);
      create table shop.mates (id uuid primary key, tenant_id uuid not null, pair uuid not null references shop.pairs);
      alter table shop.pairs add foreign key (other) references shop.mates on delete restrict
        deferrable initially deferred;`)
    const model = {
      ...shop.model,
      tables: [...shop.model.tables, ...['pairs', 'mates'].map((name) => declared(name))],
    }
    for (const tenant of [ids.acme, ids.globex]) {
      await shop.admin.query('begin')
      await shop.admin.query('insert into shop.pairs values ($1, $1, $1)', [tenant])
      await shop.admin.query('insert into shop.mates values ($1, $1, $1)', [tenant])
      await shop.admin.query('commit')
    }
    await shop.admin.query(
      'alter table shop.pairs alter constraint pairs_other_fkey not deferrable',
    )
    const before = foreignOf(await dump())
    const report = await eraseTenant(shop.admin, optionsFor({ model, search: 'everything' }))
    const after = await dump()
    expect([...after.values()].flat().filter((line) => line.includes(ids.acme))).toEqual([])
    const children = /"(order_id|line_id)": [12]\b/
    expect(foreignOf(after)).toEqual(before.filter((line) => !children.test(line)))
    expect(report.tables.every((table) => table.after === 0)).toBe(true)
    expect(report.tables.every((table) => table.deleted === table.before)).toBe(true)
    expect(report.tables.every((table) => table.before > 0)).toBe(true)
    expect(report.remaining.every(({ rows }) => rows === 0)).toBe(true)
    expect(report.remaining.length).toBeGreaterThan(report.tables.length)
    expect(report.untouched).toEqual(['shop.users', 'shop.currencies'])
  })

  it('is proven by a report that shows every change to it', async () => {
    await shop.admin.query('drop table if exists shop.pairs, shop.mates')
    const key = Buffer.alloc(32, 7)
    const report = await eraseTenant(
      shop.admin,
      optionsFor({ tenantId: ids.globex, confirm: 'globex', signingKey: key }),
    )
    const read = JSON.parse(JSON.stringify(report)) as typeof report
    expect(isGenuineReport(read)).toBe(true)
    expect(isGenuineReport(read, key)).toBe(true)
    expect(isGenuineReport(read, Buffer.alloc(32))).toBe(false)
    expect(isGenuineReport({ ...read, tenantName: 'acme' })).toBe(false)
    expect(isGenuineReport({ ...read, tables: [] })).toBe(false)
  })
})

function declared(name: string): (typeof shop.model.tables)[number] {
  const [tenants] = shop.model.tables
  if (tenants === undefined) throw new Error('the shop declares nothing')
  return { ...tenants, table: { schema: 'shop', name }, auditor: null }
}

it('puts every table before those that it refers to, circles together', async () => {
  const { relations } = await readCatalog(shop.admin, { schemas: shop.model.schemas })
  const tables = relations.filter(({ kind, isPartition }) => kind.endsWith('table') && !isPartition)
  const order = deletionOrder(tables).map((group) => group.map(formatTableName))
  const at = (name: string): number => order.findIndex((group) => group.includes(name))
  expect(order.flat()).toHaveLength(tables.length)
  expect(at('shop.line_notes')).toBeLessThan(at('shop.order_lines'))
  expect(at('shop.order_lines')).toBeLessThan(at('shop.orders'))
  expect(at('shop.orders')).toBeLessThan(at('shop.org_units'))
  expect(at('shop.org_units')).toBeLessThan(at('shop.tenants'))
})
