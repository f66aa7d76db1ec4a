import { pgDriver } from 'watertight/pg'
import { createTxManager, parseSigningKey, parseTenantContext } from 'watertight/runtime'
import type { Driver, TenantContext, TxManager } from 'watertight/runtime'
import { itemById, tenItems } from '../throughput/statements.js'
import type { Adapter, Row, Subject, Target } from '../throughput/adapter.js'
import { openPool } from './pool.js'

/** watertight over `pg`, as it comes. */
export const watertight: Adapter = adapter('watertight', 'signed', {})

/** The same with `prepare: false`. */
export const watertightUnprepared: Adapter = adapter('watertight-unprepared', 'signed', {
  prepare: false,
})

/** watertight over unsigned settings. */
export const watertightPlain: Adapter = adapter('watertight-plain', 'plain', {})

function adapter(name: string, shop: 'signed' | 'plain', options: { prepare?: boolean }): Adapter {
  return {
    name,
    scope: 'rls',
    shop,
    packages: ['watertight', 'pg'],
    open(target) {
      const pool = openPool(target)
      const tx = txManager(target, shop, pgDriver(pool, options))
      const bare = async (text: string): Promise<readonly Row[]> =>
        (await pool.query<Row>(text)).rows
      return Promise.resolve(subjectOf(tx, bare, () => pool.end()))
    },
  }
}

export function txManager(
  { signingKey }: Target,
  shop: 'signed' | 'plain',
  driver: Driver,
): TxManager {
  return shop === 'signed'
    ? createTxManager({ pools: { app: driver }, signingKey: parseSigningKey(signingKey) })
    : createTxManager({
        pools: { app: driver },
        context: {
          kind: 'guc',
          tenant: 'app.tenant_id',
          user: 'app.user_id',
          orgUnits: null,
          orgScope: null,
        },
      })
}

/** A request of a member: parsed as an HTTP adapter would, once per request. */
export function memberOf(tenantId: string, orgUnitId?: string): TenantContext {
  return parseTenantContext({
    mode: 'member',
    tenantId,
    expiresAt: Math.floor(Date.now() / 1000) + 60,
    ...(orgUnitId === undefined ? { orgScope: 'all' } : { orgScope: 'subtree', orgUnitId }),
  })
}

export function subjectOf(
  tx: TxManager,
  bare: Subject['bare'],
  close: () => Promise<void>,
): Subject {
  const one: Subject['one'] = async (tenant, { text, values }, unit) =>
    (await tx.query<Row>(memberOf(tenant, unit), text, values)).rows
  return {
    readItem: async (tenant, id) => (await one(tenant, itemById(tenant, id)))[0],
    listItems: (tenant) => one(tenant, tenItems(tenant)),
    one,
    transaction: (tenant, work, readOnly = false) =>
      tx.run(
        memberOf(tenant),
        (scope) => work(async ({ text, values }) => (await scope.query<Row>(text, values)).rows),
        readOnly ? { readOnly } : {},
      ),
    bare,
    close,
  }
}
