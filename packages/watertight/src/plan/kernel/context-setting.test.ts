import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  claimsOf,
  ids,
  keys,
  openAttackedShop,
  ownersQuery,
} from '../../../../../test/attacked-shop.js'
import type { AttackedShop } from '../../../../../test/attacked-shop.js'
import { tokenOf } from '../../../../../test/context-forgery.js'
import { serverMajors } from '../../../../../test/database.js'

/** Settings that any role may change. None may open a row that the context does not. */
const settings: readonly string[] = [
  `set search_path = pg_temp, shop, watertight`,
  `set search_path = ''`,
  'set row_security = on',
  `set datestyle = 'sql, dmy'`,
  `set timezone = 'Pacific/Kiritimati'`,
  `set timezone = '-15:59'`,
  'set bytea_output = escape',
  'set standard_conforming_strings = off',
  'set backslash_quote = on',
  'set escape_string_warning = off',
  `set lc_messages = 'C'`,
  `set lc_numeric = 'C'`,
  `set lc_time = 'C'`,
  `set lc_monetary = 'C'`,
  'set transform_null_equals = on',
  'set array_nulls = off',
  'set quote_all_identifiers = on',
  'set extra_float_digits = -15',
  `set intervalstyle = 'sql_standard'`,
  `set client_encoding = 'LATIN1'`,
  `set client_encoding = 'SQL_ASCII'`,
  'set xmloption = document',
  `set plan_cache_mode = force_generic_plan`,
  'set plan_cache_mode = force_custom_plan',
  'set constraint_exclusion = on',
  'set default_transaction_read_only = on',
  `set default_transaction_isolation = 'serializable'`,
  'set enable_seqscan = off',
  'set enable_indexscan = off; set enable_bitmapscan = off',
  'set enable_partition_pruning = off',
  'set jit = on; set jit_above_cost = 0',
  'set from_collapse_limit = 1',
  'set geqo_threshold = 2',
  'set max_parallel_workers_per_gather = 4; set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0',
  'set work_mem = 64',
  'set default_tablespace = pg_default',
  'set cursor_tuple_fraction = 0.0001',
  'set check_function_bodies = off',
  'set plpgsql.check_asserts = off',
  `set watertight.tenant_id = '${ids.globex}'`,
  `set app.tenant_id = '${ids.globex}'`,
  `set request.jwt.claims = '{"t": "${ids.globex}"}'`,
  `set plpgsql.variable_conflict = 'use_column'`,
]

const cases = settings.map((statement) => [statement] as const)

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  let shop: AttackedShop
  let client: pg.Client
  let everything: string
  beforeAll(async () => {
    shop = await openAttackedShop(major)
    everything = ownersQuery(await shop.readableBy('app'))
    client = await shop.as('app')
  })
  afterAll(() => shop.drop())
  beforeEach(async () => {
    await client.query('rollback')
    await client.query('discard all')
  })

  const enter = (token: string | null, isLocal = true): Promise<unknown> =>
    client.query('select set_config($1, $2, $3)', ['watertight.context', token, isLocal])

  async function tenantsSeen(by = client): Promise<readonly string[]> {
    const { rows } = await by.query<{ tenant: string }>(everything)
    return [...new Set(rows.map(({ tenant }) => tenant))].sort()
  }

  /** Zero rows, and 42501 on writes. */
  async function expectClosed(by = client): Promise<void> {
    expect(await tenantsSeen(by)).toEqual([])
    const { rows } = await by.query(`update shop.products set title = 'mine' returning id`)
    expect(rows).toEqual([])
    await by.query('begin').catch(() => undefined)
    await by.query('savepoint write')
    const insert = `insert into shop.products (tenant_id, sku, title) values ('${ids.acme}', 'x', 'x')`
    await expect(by.query(insert)).rejects.toMatchObject({ code: '42501' })
    await by.query('rollback to write')
  }

  const seenByAcme = [ids.acme, ids.bea].sort()

  describe('without a context a session reads nothing and writes nothing', () => {
    it('when it is new', async () => {
      await expect(expectClosed(await shop.as('app'))).resolves.toBeUndefined()
    })

    it.each([
      ['COMMIT', 'commit'],
      ['ROLLBACK', 'rollback'],
    ])('after the %s of a transaction that had one', async (_name, end) => {
      await client.query('begin')
      await enter(shop.token('app'))
      expect(await tenantsSeen()).toEqual(seenByAcme)
      await client.query(end)
      const { rows } = await client.query(
        `select current_setting('watertight.context', true) as value`,
      )
      expect(rows).toEqual([{ value: '' }])
      await expectClosed()
    })

    it('after ROLLBACK TO SAVEPOINT to before it', async () => {
      await client.query('begin; savepoint before')
      await enter(shop.token('app'))
      expect(await tenantsSeen()).toEqual(seenByAcme)
      await client.query('rollback to before')
      await expectClosed()
    })

    it('after the block of an exception handler', async () => {
      await client.query('begin')
      const token = shop.token('app').replaceAll("'", "''")
      await client.query(
        `do $$ begin perform set_config('watertight.context', '${token}', true); raise division_by_zero; exception when others then null; end $$`,
      )
      await expect(expectClosed()).resolves.toBeUndefined()
    })

    it('and no function may be given one of its own', async () => {
      const token = shop.token('app').replaceAll("'", "''")
      await client.query(`set watertight.context = 'known'`)
      const create = `create function pg_temp.own() returns bigint language sql set watertight.context = '${token}' as 'select count(*) from shop.products'`
      await expect(client.query(create)).rejects.toMatchObject({ code: '42501' })
    })

    it.each([
      'reset watertight.context',
      'reset all',
      'discard all',
      'set watertight.context to default',
      `set watertight.context = ''`,
    ])('after %s', async (statement) => {
      await enter(shop.token('app'), false)
      expect(await tenantsSeen()).toEqual(seenByAcme)
      await client.query(statement)
      await expectClosed()
    })

    it('when NULL was set', async () => {
      await enter(null, false)
      await expect(expectClosed()).resolves.toBeUndefined()
    })

    it.each([
      'alter database DATABASE set watertight.context = FORGED',
      'alter role ROLE in database DATABASE set watertight.context = FORGED',
    ])('when a forged one is the default: %s', async (statement) => {
      const forged = tokenOf(claimsOf('app'), { kid: keys.current.kid, secret: Buffer.alloc(32) })
      const spelled = statement
        .replace('DATABASE', `"${shop.name}"`)
        .replace('ROLE', `"${shop.roleOf('app')}"`)
      await shop.admin.query(spelled.replace('FORGED', `'${forged}'`))
      const fresh = await shop.as('app')
      expect(
        (await fresh.query(`select current_setting('watertight.context') = '${forged}' as set`))
          .rows,
      ).toEqual([{ set: true }])
      await expectClosed(fresh)
      await fresh.query('rollback')
      await shop.admin.query(spelled.replace(/set watertight.*/, 'reset all'))
    })
  })

  it('a role cannot give itself a default, and one that it is given lasts as long as the token', async () => {
    const expiry = Math.floor(Date.now() / 1000) + 5
    const brief = tokenOf({ ...claimsOf('app'), e: expiry }, keys.current)
    const role = `alter role "${shop.roleOf('app')}" in database "${shop.name}"`
    await enter(brief, false)
    for (const change of [
      `set watertight.context = '${brief}'`,
      'set watertight.context from current',
    ]) {
      await expect(client.query(`${role} ${change}`)).rejects.toMatchObject({ code: '42501' })
    }
    await shop.admin.query(`${role} set watertight.context = '${brief}'`)
    const fresh = await shop.as('app')
    await shop.admin.query(`${role} reset all`)
    expect(await tenantsSeen(fresh)).toEqual(seenByAcme)
    await shop.admin.query('select pg_sleep($1 - date_part($$epoch$$, clock_timestamp()))', [
      expiry,
    ])
    await expectClosed(fresh)
  })

  it.each(cases)(
    '%s opens nothing of another tenant, and nothing without a context',
    async (statement) => {
      await client.query(statement).catch(() => undefined)
      expect(await tenantsSeen()).toEqual([])
      await enter(shop.token('app'), false)
      expect(await tenantsSeen()).toEqual(seenByAcme)
      await enter(`${shop.token('app')} `, false)
      expect(await tenantsSeen()).toEqual([])
    },
  )

  it.each(['set row_security = off', 'set statement_timeout = 1'])(
    '%s may end in an error and not in rows',
    async (statement) => {
      await client.query(statement)
      const rows = await tenantsSeen().catch(() => [])
      expect(rows).toEqual([])
    },
  )

  it('with row_security off a query is refused, with a context and without', async () => {
    await client.query('set row_security = off')
    for (const token of ['', shop.token('app')]) {
      await enter(token, false)
      const reading = client.query('select from shop.products')
      await expect(reading).rejects.toMatchObject({ code: '42501' })
    }
  })

  it.each(['force_generic_plan', 'force_custom_plan'])(
    'a prepared statement follows every change of context, with %s',
    async (mode) => {
      await client.query(`set plan_cache_mode = ${mode}`)
      await client.query('prepare titles as select title from shop.products order by 1')
      const titles = async (token: string): Promise<readonly string[]> => {
        await enter(token, false)
        return (await client.query<{ title: string }>('execute titles')).rows.map(
          ({ title }) => title,
        )
      }
      const globex = tokenOf(claimsOf('app', 'globex'), keys.current)
      for (let round = 0; round < 7; round += 1) {
        expect(await titles(shop.token('app'))).toEqual(['anvil', 'rocket'])
        expect(await titles(globex)).toEqual(['moon', 'ray'])
        expect(await titles(`${globex}0`)).toEqual([])
        expect(await titles('')).toEqual([])
      }
    },
  )

  it('a held cursor keeps the rows of the context that it was opened in, and fetches no others', async () => {
    await client.query('begin')
    await enter(shop.token('app'))
    await client.query('declare held cursor with hold for select tenant_id from shop.products')
    await client.query('commit')
    await enter(tokenOf(claimsOf('app', 'globex'), keys.current), false)
    const { rows } = await client.query('fetch all from held')
    expect(rows).toEqual([{ tenant_id: ids.acme }, { tenant_id: ids.acme }])
    await client.query('discard all')
    await expect(client.query('fetch all from held')).rejects.toMatchObject({ code: '34000' })
  })

  it('a context expires inside a transaction and inside a loop', async () => {
    const e = Math.floor(Date.now() / 1000) + 2
    await client.query('begin')
    await enter(tokenOf({ ...claimsOf('app'), e }, keys.current))
    expect(await tenantsSeen()).toEqual(seenByAcme)
    await client.query('select pg_sleep(2.1)')
    expect(await tenantsSeen()).toEqual([])
  })

  it('a key that is retired or revoked stops within a transaction under way', async () => {
    const fresh = { kid: 'rotated', secret: Buffer.alloc(32, 9) }
    const { addSigningKey, retireSigningKey, revokeSigningKey } =
      await import('../../migrate/index.js')
    for (const end of [retireSigningKey, revokeSigningKey]) {
      await addSigningKey(shop.admin, fresh)
      await client.query('begin')
      await enter(tokenOf(claimsOf('app'), fresh))
      expect(await tenantsSeen()).toEqual(seenByAcme)
      await end(shop.admin, fresh.kid, new Date())
      expect(await tenantsSeen()).toEqual([])
      await client.query('rollback')
      await revokeSigningKey(shop.admin, fresh.kid)
    }
  })
})
