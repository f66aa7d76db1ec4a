import pg from 'pg'
import PgBoss from 'pg-boss'
import { bossHandler, sealJob } from 'watertight/jobs'
import { pgDriver } from 'watertight/pg'
import { createTxManager, parseSigningKey } from 'watertight/runtime'
import type { TenantContext } from 'watertight/runtime'

export interface Settings {
  /** URL of the worker's role; row level security holds it. */
  readonly workerUrl: string
  /** URL of the role that owns the queue's own tables. */
  readonly queueUrl: string
  readonly signingKey: string
}

/** The queue as the application and its worker use it. */
export interface Reports {
  /** Asks for the total of the caller's tenant; the job runs as that tenant, whenever it runs. */
  request(context: TenantContext): Promise<string | null>
  stop(): Promise<void>
}

interface Report {
  readonly reason: string
}

const queue = 'totals'

/**
 * Adds up the sales of a tenant in the background. Everybody's jobs are in one queue, and one
 * worker takes them all: the signed envelope says whose each is, and nothing stays for the next.
 */
export async function startReports(settings: Settings): Promise<Reports> {
  const key = parseSigningKey(settings.signingKey)
  const pool = new pg.Pool({ connectionString: settings.workerUrl })
  const tx = createTxManager({ pools: { worker: pgDriver(pool) }, signingKey: key })
  await tx.start()
  const boss = new PgBoss({ connectionString: settings.queueUrl, supervise: false })
  boss.on('error', (error) => console.error(error))
  await boss.start()
  await boss.createQueue(queue)

  const work = bossHandler<Report>(tx, key, async ({ id, tx }) => {
    // A job that is delivered again has the same id, and stores nothing twice.
    await tx.query(
      `insert into reports.totals (id, total)
       select $1, coalesce(sum(amount), 0) from reports.sales on conflict do nothing`,
      [id],
    )
  })
  await boss.work(queue, { pollingIntervalSeconds: 0.5 }, work)

  return {
    request: (context) => {
      const payload: Report = { reason: 'asked for' }
      return boss.send(queue, sealJob(context, { queue, payload }, key), { retryLimit: 3 })
    },
    async stop() {
      await boss.stop({ graceful: false, wait: true })
      await tx.close()
      await pool.end()
    },
  }
}
