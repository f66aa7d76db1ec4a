import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlatformDatabase } from '../../test/platform-database.js'
import { createPlatformDatabase } from '../../test/platform-database.js'
import { roleUrls } from '../../test/role-urls.js'
import { openTxManager } from '../boot/open-tx-manager.js'
import type { OpenTxManager } from '../boot/open-tx-manager.js'
import { demo } from '../demo-data/index.js'
import { queueDepths } from './queue-depths.js'
import { serveMetrics } from './serve-metrics.js'
import type { ServedMetrics } from './serve-metrics.js'
import { tenantsWithWork } from './tenants-with-work.js'
import { workerMetrics } from './worker-metrics.js'
import type { WorkerMetrics } from './worker-metrics.js'
import { queueNames } from './worker-observer.js'

let database: PlatformDatabase
let opened: OpenTxManager
let metrics: WorkerMetrics
let served: ServedMetrics

beforeAll(async () => {
  database = await createPlatformDatabase()
  opened = await openTxManager(roleUrls(database), database.signingKey, 1)
  metrics = workerMetrics(queueNames, () => queueDepths(opened.tx))
  served = await serveMetrics({ host: '127.0.0.1', port: 0 }, metrics)
})
afterAll(async () => {
  await served.close()
  await opened.close()
  await database.drop()
})

const read = async (path: string, method = 'GET'): Promise<{ status: number; text: string }> => {
  const reply = await fetch(`http://127.0.0.1:${String(served.port)}${path}`, { method })
  return { status: reply.status, text: await reply.text() }
}

const figure = (text: string, name: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1),
  )

describe('the figures of a worker', () => {
  it('have what is due over all active tenants, and for how long', async () => {
    await database.admin.query('delete from ops.outbox')
    await database.admin.query(
      `insert into ops.outbox (tenant_id, topic, payload, available_at)
       select t, 'a.b', '{}', now() - make_interval(hours => n)
       from unnest($1::uuid[]) t cross join generate_series(0, 2) n`,
      [Object.values(demo.tenants)],
    )
    const { text } = await read('/metrics')
    expect(figure(text, 'worker_queue_depth{queue="outbox"}')).toBe(9)
    const oldest = figure(text, 'worker_queue_oldest_seconds{queue="outbox"}')
    expect(oldest).toBeGreaterThanOrEqual(7200)
    const suspend = `update core.tenants set status = $1, suspended_at = $2 where id = $3`
    await database.admin.query(suspend, ['suspended', new Date(), demo.tenants.school])
    const less = await read('/metrics')
    expect(figure(less.text, 'worker_queue_depth{queue="outbox"}')).toBe(6)
    await database.admin.query(suspend, ['active', null, demo.tenants.school])
  })

  it('find something due where workers find tenants with work, queue by queue', async () => {
    const depths = await queueDepths(opened.tx)
    for (const queue of queueNames) {
      const tenants = await tenantsWithWork(opened.tx, queue, 10)
      const depth = depths.find((each) => each.queue === queue)?.depth ?? 0
      expect([queue, depth > 0]).toEqual([queue, tenants.length > 0])
    }
  })

  it('count what was done and what failed, and name no tenant', async () => {
    const tenantId = demo.tenants.events
    const { observer } = metrics
    observer.onTurn?.({ queue: 'mail', tenantId, items: 3, durationMs: 20 })
    observer.onTurn?.({ queue: 'mail', tenantId, items: 0, durationMs: 2 })
    observer.onFailure?.({ queue: 'exports', tenantId, error: new Error('no') })
    const { text } = await read('/metrics')
    expect(figure(text, 'worker_jobs_done_total{queue="mail"}')).toBe(3)
    expect(figure(text, 'worker_turns_failed_total{queue="exports"}')).toBe(1)
    expect(figure(text, 'worker_turns_failed_total{queue="mail"}')).toBe(0)
    expect(figure(text, 'worker_turn_duration_seconds_count{queue="mail"}')).toBe(2)
    for (const id of Object.values(demo.tenants)) expect(text).not.toContain(id)
  })

  it('are there without the depths while the database is not', async () => {
    const alone = workerMetrics(['mail'], () => Promise.reject(new Error('gone')))
    const text = await alone.text()
    expect(text).toContain('worker_jobs_done_total{queue="mail"} 0')
    expect(text).not.toContain('worker_queue_depth{')
  })

  it('are all that is served', async () => {
    expect(await read('/healthz')).toEqual({ status: 200, text: '{"status":"ok"}' })
    expect((await read('/')).status).toBe(404)
    expect((await read('/metrics', 'POST')).status).toBe(405)
  })
})
