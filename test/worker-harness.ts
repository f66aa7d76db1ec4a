import pg from 'pg'
import { pgDriver } from 'watertight/pg'
import { createTxManager } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import { ident, joinSql, sql } from 'watertight/sql'
import type { RuntimeHarness } from './runtime-harness.js'
import { openRuntimeHarness, signingKey } from './runtime-harness.js'

/** A runtime harness with a worker role beside the app role. */
export interface WorkerHarness extends RuntimeHarness {
  /** Has a pool of two connections per role. */
  readonly tx: TxManager
}

export async function openWorkerHarness(): Promise<WorkerHarness> {
  const harness = await openRuntimeHarness()
  const { database, proxy } = harness
  const workerRole = `${database.rolePrefix}_worker`
  const role = ident(workerRole)
  const statements = [
    sql`create role ${role} login`,
    sql`grant usage on schema app, watertight to ${role}`,
    sql`grant select, insert, update, delete on app.notes to ${role}`,
  ]
  await database.admin.query(joinSql(statements, '; ').text)
  const poolOf = (name: string): pg.Pool =>
    new pg.Pool({ connectionString: proxy.through(database.urlFor(name)), max: 2 })
  const pools = { app: poolOf(database.appRole), worker: poolOf(workerRole) }
  const tx = createTxManager({
    pools: { app: pgDriver(pools.app), worker: pgDriver(pools.worker) },
    signingKey,
  })
  await tx.start()
  return {
    ...harness,
    tx,
    async close() {
      await Promise.all([pools.app.end(), pools.worker.end()])
      await harness.close()
    },
  }
}
