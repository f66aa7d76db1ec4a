import pg from 'pg'
import { pgDriver } from 'watertight/pg'
import {
  createTxManager,
  generateSigningKey,
  hmacPads,
  parseTenantContext,
} from 'watertight/runtime'
import type { TenantContext, TxManager, TxManagerOptions } from 'watertight/runtime'
import type { CountingProxy } from './counting-proxy.js'
import { startCountingProxy } from './counting-proxy.js'
import type { KernelDatabase } from './minimal-kernel.js'
import { createKernelDatabase } from './minimal-kernel.js'

/** The key that the database of a harness knows. */
export const signingKey = generateSigningKey('k1')

export const acme = member('acme')
export const globex = member('globex')

/** SQL on the one table of the minimal kernel. */
export const notes = {
  list: 'select tenant_id, body from app.notes order by id',
  insert: 'insert into app.notes (body) values ($1) returning tenant_id',
}

/** A transaction manager in front of a database with the minimal kernel, behind a proxy. */
export interface RuntimeHarness {
  readonly database: KernelDatabase
  readonly proxy: CountingProxy
  /** A manager with a pool of its own, closed by {@link RuntimeHarness.close}. */
  connect(
    options?: Partial<TxManagerOptions>,
    pooling?: pg.PoolConfig,
  ): { tx: TxManager; pool: pg.Pool }
  /** The notes become `a1`, `a2` of acme and `g1` of globex. */
  reset(): Promise<void>
  tripsOf(action: () => Promise<unknown>): Promise<number>
  close(): Promise<void>
}

export async function openRuntimeHarness(): Promise<RuntimeHarness> {
  const database = await createKernelDatabase([{ kid: 'k1', ...hmacPads(signingKey.secret) }])
  const proxy = await startCountingProxy(database.url)
  const pools: pg.Pool[] = []
  return {
    database,
    proxy,
    connect(options = {}, pooling = {}) {
      const connectionString = proxy.through(database.urlFor(database.appRole))
      const pool = new pg.Pool({ connectionString, ...pooling })
      pools.push(pool)
      const rolePools = { app: pgDriver(pool) }
      return { pool, tx: createTxManager({ pools: rolePools, signingKey, ...options }) }
    },
    async reset() {
      await database.admin.query('truncate app.notes')
      await database.admin.query(
        "insert into app.notes (tenant_id, body) values ('acme', 'a1'), ('acme', 'a2'), ('globex', 'g1')",
      )
    },
    async tripsOf(action) {
      proxy.reset()
      await action()
      return proxy.roundTrips
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.end()))
      await proxy.close()
      await database.drop()
    },
  }
}

/** A member of a tenant with a text key; expires late unless told otherwise. */
export function member(tenantId: string, extra: object = {}): TenantContext {
  return parseTenantContext(
    { mode: 'member', tenantId, expiresAt: 9_999_999_999, ...extra },
    { keyTypes: { tenant: 'text' } },
  )
}

/** What a context sees. */
export async function bodiesOf(tx: TxManager, context: TenantContext): Promise<string[]> {
  const { rows } = await tx.query<{ body: string }>(context, notes.list)
  return rows.map(({ body }) => body)
}
