import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ids } from '../../../../test/attacked-shop.js'
import { odd } from '../../../../test/denial-cases.js'
import { context, openDenialShop } from '../../../../test/denial-shop.js'
import type { DenialShop } from '../../../../test/denial-shop.js'
import type { RowKey } from './index.js'
import { formatExplanation, why } from './index.js'

let shop: DenialShop
beforeAll(async () => {
  shop = await openDenialShop()
})

afterEach(() => vi.unstubAllEnvs())
afterAll(() => shop.drop())

describe('why discloses nothing about rows that the context cannot see', () => {
  const questions: readonly { table: string; foreign: RowKey; missing: RowKey }[] = [
    { table: 'shop.orders', foreign: 1000, missing: 4711 },
    { table: 'shop.order_lines', foreign: 1000, missing: 4711 },
    { table: 'shop.products', foreign: ids.globex, missing: ids.bea },
    { table: 'shop.users', foreign: ids.gil, missing: ids.acmeRoot },
    { table: 'shop.preferences', foreign: { user_id: ids.gil }, missing: { user_id: ids.acme } },
    { table: odd, foreign: { 'Key 2': 2 }, missing: { 'Key 2': 99 } },
  ]
  const commands = ['SELECT', 'UPDATE', 'DELETE'] as const

  it.each(questions)('$table: a foreign row looks like a missing one', async (question) => {
    const { table, foreign, missing } = question
    for (const command of commands) {
      const hidden = await why(shop.tx, table, foreign, context(), { command })
      const absent = await why(shop.tx, table, missing, context(), { command })
      expect(hidden).toEqual(absent)
      expect(JSON.stringify(hidden)).not.toContain(ids.globex)
      expect(hidden.policies.every(({ verdict }) => verdict === null)).toBe(true)
      // With the guard removed, that is with a diagnostic connection, the two differ.
      const told = await why(shop.tx, table, foreign, context(), {
        command,
        diagnostic: shop.diagnostic,
      })
      const none = await why(shop.tx, table, missing, context(), {
        command,
        diagnostic: shop.diagnostic,
      })
      const isGranted = told.reason !== 'missing-table-grant'
      expect(told.reason !== none.reason).toBe(isGranted)
    }
  })

  it('takes no connection for a diagnostic one that policies apply to', async () => {
    const migrator = `${shop.rolePrefix}_migrator`
    await shop.admin.query(`create role "${migrator}" login`)
    await shop.admin.query(`grant "${shop.ownerRole}" to "${migrator}"`)
    for (const role of [shop.roleOf('app'), migrator]) {
      const limited = shop.driverFor(shop.urlFor(role))
      await expect(
        why(shop.tx, 'shop.orders', 1000, context(), { diagnostic: limited }),
      ).rejects.toMatchObject({ code: 'MISSING_PRIVILEGE' })
    }
    await shop.admin.query(
      `alter role "${migrator}" bypassrls; grant select on shop.orders to "${migrator}"; grant usage on schema shop to "${migrator}"`,
    )
    await expect(
      why(shop.tx, 'shop.orders', 1000, context(), {
        diagnostic: shop.driverFor(shop.urlFor(migrator)),
      }),
    ).resolves.toMatchObject({ reason: 'other-tenant' })
  })

  it('holds no value of any row, also with a diagnostic connection', async () => {
    await shop.admin.query(`update shop.orders set note = 's3cret', card_number = 's3cret'`)
    for (const id of [1, 2, 1000]) {
      const answer = await why(shop.tx, 'shop.orders', id, context(), {
        diagnostic: shop.diagnostic,
      })
      expect(JSON.stringify(answer) + formatExplanation(answer)).not.toMatch(
        new RegExp(`s3cret|${ids.globex}|${ids.globexRoot}`),
      )
    }
  })

  it('runs nothing with the rights of the diagnostic connection but two reads', async () => {
    await shop.admin.query(`
      create table shop.trap (id int primary key);
      create function shop.whoami() returns boolean language plpgsql as $$
        begin raise exception 'ran as %', current_user; end $$;
      alter table shop.trap enable row level security;
      create policy trap on shop.trap using (shop.whoami());
      insert into shop.trap values (1);
      grant select on shop.trap to "${shop.roleOf('app')}"`)
    // The server itself cannot answer either: the policy fails as the role.
    await expect(
      why(shop.tx, 'shop.trap', 1, context(), { diagnostic: shop.diagnostic }),
    ).rejects.toMatchObject({
      cause: { message: `ran as ${shop.roleOf('app')}` },
    })
  })

  it.each(['production', 'PRODUCTION', ' production ', 'prod'])(
    'does not run when NODE_ENV is %j',
    async (value) => {
      vi.stubEnv('NODE_ENV', value)
      const run = vi.spyOn(shop.tx, 'run')
      await expect(
        why(shop.tx, 'shop.orders', 1000, context(), { diagnostic: shop.diagnostic }),
      ).rejects.toMatchObject({ code: 'DEVELOPMENT_ONLY' })
      expect(run).not.toHaveBeenCalled()
    },
  )

  it('tells an asker what they see of a row, in production too, and of others nothing', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    const asker = context()
    const own = await why(shop.tx, 'shop.orders', 1, asker, { asker })
    expect(own).toMatchObject({ outcome: 'allowed', rowSecurity: true })
    expect(own.policies.some(({ verdict, terms }) => verdict === true && terms.length > 0)).toBe(
      true,
    )
    // The other context sees the row, and the asker does not.
    const other = context({ tenantId: ids.globex, userId: ids.gil })
    const theirs = await why(shop.tx, 'shop.orders', 1000, other, { asker })
    const nobodys = await why(shop.tx, 'shop.orders', 4711, other, { asker })
    expect(theirs).toEqual(nobodys)
    expect(theirs).toMatchObject({ reason: 'row-not-found-or-hidden' })
    // With the guard removed, that is asked by whoever sees it, the two differ.
    const seen = await why(shop.tx, 'shop.orders', 1000, other, { asker: other })
    expect(seen).toMatchObject({ outcome: 'allowed' })
    // The asker sees the row, and the other context does not.
    const kept = await why(shop.tx, 'shop.orders', 1, other, { asker })
    expect(kept).toMatchObject({ outcome: 'hidden', reason: 'other-tenant' })
    await expect(
      why(shop.tx, 'shop.orders', 1, other, { asker, diagnostic: shop.diagnostic }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})
