import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ids, openAttackedShop } from '../../../../../test/attacked-shop.js'
import type { AttackedShop } from '../../../../../test/attacked-shop.js'
import { serverMajors } from '../../../../../test/database.js'

/*
 * Planning looks at samples of all rows. An operator of one's own, with an estimator of PostgreSQL, is
 * called with them where the planner takes its user to see them anyway (CVE-2017-7484, CVE-2025-8713).
 */

/** Conditions whose estimates call the operator, on tables, partitions and children. */
const conditions: readonly string[] = [
  `shop.products where title operator(pg_temp.<<<) 'm'::text`,
  `only shop.products where title operator(pg_temp.<<<) 'm'::text`,
  `shop.products p join shop.reviews r on r.body operator(pg_temp.<<<) p.title`,
  `shop.events where payload::text operator(pg_temp.<<<) 'm'::text`,
  `shop.events where tenant_id::text operator(pg_temp.<<<) 'm'::text`,
  `shop.order_lines where id::text operator(pg_temp.<<<) 'm'::text`,
  `shop.orders where note operator(pg_temp.<<<) 'm'::text`,
  `(select title from shop.products offset 0) p where title operator(pg_temp.<<<) 'm'::text`,
  `(select distinct title from shop.products) p where title operator(pg_temp.<<<) 'm'::text`,
]

const spy = `
create function pg_temp.spy(a text, b text) returns boolean language plpgsql as
  $$ begin raise notice '%|%', a, b; return a < b; end $$;
create operator pg_temp.<<< (leftarg = text, rightarg = text, function = pg_temp.spy, restrict = scalarltsel, join = scalarltjoinsel)`

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  let shop: AttackedShop
  let client: pg.Client
  const seen: string[] = []
  beforeAll(async () => {
    shop = await openAttackedShop(major)
    // Enough rows that samples become histograms and frequent values.
    await shop.admin.query(`insert into shop.products (tenant_id, sku, title)
      select id, name || n, name || n from shop.tenants, generate_series(1, 400) n`)
    await shop.admin.query(`create statistics shop.both (mcv) on sku, title from shop.products;
      create statistics shop.lowered on lower(title) from shop.products`)
    await shop.admin.query('analyze')
    client = await shop.as('app')
    client.on('notice', ({ message }) => seen.push(message ?? ''))
    await client.query(spy)
    await client.query('select set_config($1, $2, false)', [
      'watertight.context',
      shop.token('app'),
    ])
  })
  afterAll(() => shop.drop())

  it('an estimate calls the operator where nothing hides rows', async () => {
    await shop.admin.query('alter table shop.products disable row level security')
    seen.length = 0
    await client.query(`explain select from ${conditions[0]}`)
    await shop.admin.query('alter table shop.products enable row level security')
    expect(seen.join()).toContain('globex')
  })

  it.each(conditions)('planning %s shows an operator nothing', async (condition) => {
    seen.length = 0
    await client.query(`explain select from ${condition}`)
    expect(seen).toEqual([])
    await client.query(`explain (analyze) select from ${condition}`)
    expect(seen.join()).not.toMatch(new RegExp(`globex|ray|moon|${ids.globex}`))
  })

  it.each(['pg_stats', 'pg_stats_ext', 'pg_stats_ext_exprs'])(
    '%s shows no role the samples of a table with tenants',
    async (view) => {
      const all = await shop.admin.query(`select from ${view} where schemaname = 'shop'`)
      expect(all.rowCount).toBeGreaterThan(0)
      for (const mode of ['app', 'worker', 'auditor', 'platform', 'public'] as const) {
        const { rows } = await (
          await shop.as(mode)
        ).query(`select tablename::text as name from ${view} where schemaname = 'shop'`)
        expect(rows.filter(({ name }) => name !== 'currencies')).toEqual([])
      }
    },
  )
})
