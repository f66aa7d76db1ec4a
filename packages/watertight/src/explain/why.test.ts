import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTxManager } from 'watertight/runtime'
import { ids, keys } from '../../../../test/attacked-shop.js'
import { denialCases, outcomeOf } from '../../../../test/denial-cases.js'
import type { DenialCase } from '../../../../test/denial-cases.js'
import { context, openDenialShop } from '../../../../test/denial-shop.js'
import type { DenialShop } from '../../../../test/denial-shop.js'
import type { DenialExplanation, RowKey, WhyOptions } from './index.js'
import { formatExplanation, why } from './index.js'

let shop: DenialShop
beforeAll(async () => {
  shop = await openDenialShop()
})

afterAll(() => shop.drop())

describe('why explains, and the server does what is explained', () => {
  it.each(denialCases)('$name', async (example) => {
    const { table, id, options, expected } = example
    const given = (example.context ?? context)()
    const answer = await why(shop.tx, table, id, given, { ...options, diagnostic: shop.diagnostic })
    expect(answer).toMatchObject(expected)
    expect(await outcomeOf(shop.tx, example)).toBe(answer.outcome)
    expect(formatExplanation(answer)).toContain(answer.reason)
  })

  it('INSERT ... RETURNING needs a SELECT policy, and says so', async () => {
    const example: DenialCase = {
      name: '',
      table: 'shop.dropbox',
      id: null,
      options: { values: { id: 1, tenant_id: ids.acme }, returning: true },
      statement: ['insert into shop.dropbox values (1, $1) returning id', ids.acme],
      expected: {},
    }
    await shop.admin.query(`
      create table shop.dropbox (id int, tenant_id uuid);
      alter table shop.dropbox enable row level security;
      create policy letters on shop.dropbox for insert
        with check (tenant_id = (select watertight.tenant_id()));
      grant select, insert, update on shop.dropbox to "${shop.roleOf('app')}"`)
    const ask = (options: WhyOptions): Promise<DenialExplanation> =>
      why(shop.tx, example.table, null, context(), { ...example.options, ...options })
    const answer = await ask({})
    expect(answer).toMatchObject({ outcome: 'refused', reason: 'returning-needs-select' })
    expect(await outcomeOf(shop.tx, example)).toBe('refused')
    expect(await ask({ returning: false })).toMatchObject({ outcome: 'allowed' })

    // With a SELECT policy that hides the new row it is still refused.
    await shop.admin.query('create policy few on shop.dropbox for select using (id > 1)')
    expect(await ask({})).toMatchObject({ reason: 'returning-needs-select', policy: 'few' })
    expect(await outcomeOf(shop.tx, example)).toBe('refused')
    expect(await ask({ values: { id: 2, tenant_id: ids.acme } })).toMatchObject({
      outcome: 'allowed',
    })

    // An update with a WHERE must leave the row readable as well.
    await shop.admin.query(`
      create policy edits on shop.dropbox for update using (true) with check (true);
      insert into shop.dropbox values (5, '${ids.acme}')`)
    const update: DenialCase = {
      ...example,
      id: { id: 5 },
      statement: ['update shop.dropbox set id = 0 where id = 5'],
    }
    const moved = await why(shop.tx, update.table, update.id, context(), {
      command: 'UPDATE',
      values: { id: 0 },
    })
    expect(moved).toMatchObject({ outcome: 'refused', reason: 'new-row-hidden', policy: 'few' })
    expect(await outcomeOf(shop.tx, update)).toBe('refused')

    await shop.admin.query(`revoke select on shop.dropbox from "${shop.roleOf('app')}"`)
    expect(await ask({})).toMatchObject({
      reason: 'returning-needs-select',
      hint: expect.stringContaining('SELECT'),
    })
  })

  it('leaves open what a policy cannot be asked, and says why', async () => {
    const values = { id: 1, tenant_id: ids.acme }
    const answer = await why(shop.tx, 'shop.fragile', null, context(), {
      values,
      diagnostic: shop.diagnostic,
    })
    expect(answer).toMatchObject({
      outcome: 'undecided',
      reason: 'undetermined',
      policy: 'fragile',
    })
    expect(answer.policies[0]?.note).toBe('the server cannot evaluate the policy (SQLSTATE 22012)')
    expect(formatExplanation(answer)).toContain('? fragile')
  })

  it('asks nothing about the denials of its own question', async () => {
    await shop.admin.query(`
      create table shop.loop (id int primary key);
      create function shop.denied() returns boolean language plpgsql as $$
        begin raise exception using errcode = '42501'; end $$;
      alter table shop.loop enable row level security;
      create policy loop on shop.loop using (shop.denied());
      insert into shop.loop values (1);
      grant select on shop.loop to "${shop.roleOf('app')}"`)
    const answers: Promise<DenialExplanation>[] = []
    const explaining = createTxManager({
      pools: { app: shop.driverFor(shop.urlFor(shop.roleOf('app'))) },
      signingKey: keys.current,
      onDenied: () => answers.push(why(explaining, 'shop.loop', 1, context())),
    })
    await expect(why(explaining, 'shop.loop', 1, context())).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    })
    expect(answers).toHaveLength(1)
    await expect(answers[0]).resolves.toMatchObject({ reason: 'undetermined', policies: [] })
  })

  it('works inside of a transaction that has failed, and reports no denial of its own', async () => {
    const denials: unknown[] = []
    const rolePools = { app: shop.driverFor(shop.urlFor(shop.roleOf('app'))) }
    const watched = createTxManager({
      pools: rolePools,
      signingKey: keys.current,
      onDenied: (denial) => denials.push(denial),
    })
    const insert = 'insert into shop.memberships values ($1, $2)'
    let answer: DenialExplanation | undefined
    await expect(
      watched.run(context(), async (handle) => {
        try {
          await handle.query(insert, [ids.sam, ids.globex])
        } catch (error) {
          const values = { user_id: ids.sam, tenant_id: ids.globex }
          answer = await why(watched, 'shop.memberships', null, context(), { values })
          throw error
        }
      }),
    ).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    expect(answer).toMatchObject({ outcome: 'refused', reason: 'other-tenant' })
    expect(denials).toHaveLength(1)
  })
})

describe('why refuses a question that it cannot understand', () => {
  it.each<[string, string, RowKey, WhyOptions]>([
    ['a table that does not exist', 'shop.nothing', 1, {}],
    ['a view', 'shop.recent_orders', 1, {}],
    ['a name that is no table name', 'orders; drop table x', 1, {}],
    ['half of a composite key', 'shop.preferences', ids.ann, {}],
    ['a column that does not exist', 'shop.orders', { 'id = 1 or true --': 1 }, {}],
    ['a key of several rows', 'shop.orders', { tenant_id: ids.acme }, {}],
    ['a table without a key', 'shop.memo', 1, {}],
    ['a command that does not exist', 'shop.orders', 1, { command: 'TRUNCATE' as 'SELECT' }],
    ['an insert of a row that exists', 'shop.orders', 1, { command: 'INSERT' }],
    ['an update of no row', 'shop.orders', null, { command: 'UPDATE' }],
    ['a value for no column', 'shop.orders', null, { values: { nothing: 1 } }],
    ['an empty key', 'shop.orders', {}, {}],
  ])('%s', async (_, table, id, options) => {
    await shop.admin.query('create table if not exists shop.memo (body text)')
    await shop.admin.query(`grant select on shop.memo to "${shop.roleOf('app')}"`)
    await expect(why(shop.tx, table, id, context(), options)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })
})
