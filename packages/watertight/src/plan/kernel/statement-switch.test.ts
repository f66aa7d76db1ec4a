import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimsOf, ids, keys, openAttackedShop } from '../../../../../test/attacked-shop.js'
import type { AttackedShop } from '../../../../../test/attacked-shop.js'
import { tokenOf } from '../../../../../test/context-forgery.js'
import { serverMajors } from '../../../../../test/database.js'
import { createFunction } from './function-shape.js'
import { signedFunctions } from './signed-functions.js'

/*
 * A statement can replace the setting while it runs: the outer scan asks for the tenant, a volatile
 * function in it sets another token, and only then the inner scan asks for the org units. A condition
 * without columns counts as leakproof, so that one scan too may evaluate it between the two tests.
 */
const replacing = [
  `with step as materialized (select id, set_config('watertight.context', $1, true) from shop.products)
   select o.id::int, o.tenant_id from step, lateral (select * from shop.orders where step.id is not null offset 0) o`,
  `select (select array_agg(o.id::int) from shop.orders o where set_config('watertight.context', $1, true) is not null) as ids`,
  `select o.id::int from shop.orders o where set_config('watertight.context', $1, true) <> ''`,
  `select case when set_config('watertight.context', $1, true) is not null then (select array_agg(id::int) from shop.orders) end as ids from shop.products`,
  `select pg_temp.replacing(watertight.tenant_id()::text, $1), (select array_agg(id::int) from shop.orders) as ids`,
]

/** The tenant's functions called one by one, around a replacement. */
const around = `select watertight.tenant_id() as tenant, set_config('watertight.context', $1, true) as set,
  watertight.org_unit_ids() as units, watertight.user_id() as "user", watertight.has_capability('admin') as admin`

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  let shop: AttackedShop
  let client: pg.Client
  beforeAll(async () => {
    shop = await openAttackedShop(major)
    client = await shop.as('app')
    await client.query(`create function pg_temp.replacing(text, text) returns text volatile language sql
      as $$ select set_config('watertight.context', $2, true) $$`)
  })
  afterAll(() => shop.drop())

  /** Ann may see one org unit; the forged token claims all of them, and a capability. */
  const narrow = (): string => shop.token('app', { o: 'unit', ou: ids.acmeLeaf })
  const forged = (): string =>
    tokenOf(
      { ...claimsOf('app'), o: 'unit', ou: ids.acmeRoot, u: ids.al, c: ['admin'] },
      { kid: 'k1', secret: Buffer.alloc(32) },
    )

  async function run<Row>(statement: string, token: string, replacement: string): Promise<Row[]> {
    await client.query('begin')
    await client.query('select set_config($1, $2, true)', ['watertight.context', token])
    const { rows } = await client.query(statement, [replacement])
    await client.query('rollback')
    return rows as Row[]
  }

  it.each(replacing.map((statement) => [statement] as const))(
    '%s never shows a row by an unverified claim',
    async (statement) => {
      const seen = JSON.stringify(await run(statement, narrow(), forged()))
      expect(seen).not.toMatch(/\b(1|1000)\b/)
    },
  )

  it('the functions return nothing of a token that replaces another within the statement', async () => {
    const [row] = await run<object>(around, narrow(), forged())
    expect(row).toMatchObject({ tenant: ids.acme, units: null, user: null, admin: null })
  })

  it('two honest tokens open together what each opens alone, and no row of a mixture', async () => {
    const globex = tokenOf({ ...claimsOf('app', 'globex'), ou: ids.acmeRoot }, keys.current)
    const found: unknown[] = []
    for (const statement of replacing) found.push(await run(statement, narrow(), globex))
    expect(JSON.stringify(found)).toMatch(/\b1000\b/)
    expect(JSON.stringify(found)).not.toMatch(/\b1\b/)
  })

  it('a kernel whose org units come from unverified claims is open to it', async () => {
    const shapes = signedFunctions(shop.model, 'uuid').filter(({ name }) => name === 'org_unit_ids')
    for (const { body, ...shape } of shapes) {
      const text = body.text.replace(
        /sha256\(substring\(bytes for 64\)\) = .*?'hex'\), 'UTF8'\)\)/gs,
        'true',
      )
      expect(text).not.toBe(body.text)
      await shop.admin.query(createFunction({ ...shape, body: { ...body, text } }).text)
    }
    const found: unknown[] = []
    for (const statement of replacing) found.push(await run(statement, narrow(), forged()))
    expect(JSON.stringify(found)).toMatch(/\b1\b/)
  })
})
