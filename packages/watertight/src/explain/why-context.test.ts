import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTxManager, generateSigningKey } from 'watertight/runtime'
import type { TenantContext, TxManager } from 'watertight/runtime'
import { grants, keys } from '../../../../test/attacked-shop.js'
import { context, openDenialShop, visitor } from '../../../../test/denial-shop.js'
import type { DenialShop } from '../../../../test/denial-shop.js'
import type { DenialExplanation } from './index.js'
import { why } from './index.js'

let shop: DenialShop
beforeAll(async () => {
  shop = await openDenialShop()
})

afterAll(() => shop.drop())

describe('why explains what is wrong with a context', () => {
  const ask = (
    on: TxManager,
    given: TenantContext | null,
    extra = {},
  ): Promise<DenialExplanation> => why(on, 'shop.orders', 1, given, extra)

  it('that is absent, forged, expired or of a mode without a pool', async () => {
    const expected = { outcome: 'not-sent', role: null, policies: [] }
    expect(await ask(shop.tx, null)).toMatchObject({ ...expected, reason: 'context-required' })
    const forged = { ...context() } as TenantContext
    expect(await ask(shop.tx, forged)).toMatchObject({ ...expected, reason: 'context-required' })
    const old = context({ expiresAt: 1000 })
    expect(await ask(shop.tx, old)).toMatchObject({ ...expected, reason: 'context-expired' })
    const lone = createTxManager({
      pools: { app: shop.driverFor(shop.urlFor(shop.roleOf('app'))) },
      signingKey: keys.current,
    })
    expect(await ask(lone, visitor('auditor', grants.audit))).toMatchObject({
      ...expected,
      reason: 'role-not-configured',
      mode: 'auditor',
    })
  })

  it.each([
    ['signing-key-unknown', () => generateSigningKey('stranger')],
    ['signing-key-retired', () => keys.retired],
    ['signature-wrong', () => generateSigningKey(keys.current.kid)],
  ] as const)('%s', async (reason, key) => {
    const on = shop.managerWith(key())
    expect(await ask(on, context())).toMatchObject({
      outcome: 'undecided',
      reason: 'context-refused',
    })
    expect(await ask(on, context(), { diagnostic: shop.diagnostic })).toMatchObject({
      outcome: 'hidden',
      reason,
    })
  })

  it('that has expired by the clock of the server alone', async () => {
    const slow = createTxManager({
      pools: { app: shop.driverFor(shop.urlFor(shop.roleOf('app'))) },
      signingKey: keys.current,
      now: () => 0,
    })
    const answer = await ask(slow, context({ expiresAt: 1000 }), { diagnostic: shop.diagnostic })
    expect(answer).toMatchObject({ outcome: 'hidden', reason: 'context-expired' })
  })
})
