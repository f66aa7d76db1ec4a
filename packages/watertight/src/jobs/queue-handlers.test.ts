import { setTimeout as delay } from 'node:timers/promises'
import PgBoss from 'pg-boss'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bossHandler, bullProcessor, sealJob } from 'watertight/jobs'
import type { BullJob, RunningJob } from 'watertight/jobs'
import { currentContext, withContext } from 'watertight/runtime'
import { acme, bodiesOf, globex, notes, signingKey } from '../../../../test/runtime-harness.js'
import type { WorkerHarness } from '../../../../test/worker-harness.js'
import { openWorkerHarness } from '../../../../test/worker-harness.js'

let harness: WorkerHarness

beforeAll(async () => {
  harness = await openWorkerHarness()
})
beforeEach(() => harness.reset())
afterAll(() => harness.close())

const keyTypes = { tenant: 'text', user: 'text' } as const
const options = { keyTypes }

interface Note {
  readonly body: string
}

function bullJob(context: typeof acme, payload: unknown, job: Partial<BullJob> = {}): BullJob {
  const data = sealJob(context, { queue: 'mail', name: 'send', payload }, signingKey)
  return { queueName: 'mail', name: 'send', data: JSON.parse(JSON.stringify(data)), ...job }
}

async function addNote({ tx, payload }: RunningJob<Note>): Promise<unknown[]> {
  const { rows } = await tx.query(notes.insert, [payload.body])
  return rows
}

describe('a processor for BullMQ', () => {
  it('runs under the tenant that the job was sealed for', async () => {
    const process = bullProcessor(harness.tx, signingKey, addNote, options)
    expect(await process(bullJob(globex, { body: 'g2' }))).toEqual([{ tenant_id: 'globex' }])
    expect(await bodiesOf(harness.tx, globex)).toEqual(['g1', 'g2'])
    expect(await bodiesOf(harness.tx, acme)).toEqual(['a1', 'a2'])
  })

  it.each<[string, (good: BullJob) => BullJob]>([
    ['without an envelope', ({ data: _data, ...job }) => ({ ...job, data: { body: 'x' } })],
    ['out of another queue', (job) => ({ ...job, queueName: 'payments' })],
    ['under another name', (job) => ({ ...job, name: 'delete' })],
    ['with another payload', (job) => ({ ...job, data: { ...(job.data as object), payload: {} } })],
    [
      'with the payload of another tenant',
      (job) => {
        const foreign = bullJob(globex, { body: 'foreign' }).data as { payload: unknown }
        return { ...job, data: { ...(job.data as object), payload: foreign.payload } }
      },
    ],
  ])('does not run its handler for a job %s', async (_name, change) => {
    let calls = 0
    const process = bullProcessor(harness.tx, signingKey, () => (calls += 1), options)
    const trips = await harness.tripsOf(() =>
      expect(process(change(bullJob(acme, { body: 'x' })))).rejects.toMatchObject({
        code: 'INVALID_JOB',
      }),
    )
    expect({ calls, trips }).toEqual({ calls: 0, trips: 0 })
  })

  it('tries again what has failed, and can tell that it is the same job', async () => {
    const ids: string[] = []
    const process = bullProcessor<Note, unknown>(
      harness.tx,
      signingKey,
      async (job) => {
        ids.push(job.id)
        await job.tx.run(async (tx) => {
          await tx.query(notes.insert, [job.payload.body])
          if (ids.length === 1) throw new Error('no luck')
        })
      },
      options,
    )
    const job = bullJob(acme, { body: 'once' })
    await expect(process(job)).rejects.toThrow('no luck')
    await process(job)
    expect(ids[1]).toBe(ids[0])
    expect(await bodiesOf(harness.tx, acme)).toEqual(['a1', 'a2', 'once'])
  })
})

describe('worker keeps the previous job’s tenant', () => {
  it('does not, with many jobs at once on few connections', async () => {
    const seen: string[] = []
    const process = bullProcessor<{ round: number }, void>(
      harness.tx,
      signingKey,
      async ({ tx, context, payload }) => {
        const body = `${context.tenantId}-${payload.round}`
        await tx.query(notes.insert, [body])
        await delay(Math.random() * 3)
        if (payload.round % 5 === 0) throw new Error('a job that fails in the middle')
        const { rows } = await harness.tx.query<{ tenant_id: string }>(currentContext(), notes.list)
        seen.push(...rows.map(({ tenant_id }) => `${context.tenantId}:${tenant_id}`))
      },
      options,
    )
    const rounds = Array.from({ length: 200 }, (_, round) => round)
    await Promise.allSettled(
      rounds.map((round) => process(bullJob(round % 2 === 0 ? acme : globex, { round }))),
    )
    expect(new Set(seen)).toEqual(new Set(['acme:acme', 'globex:globex']))
    const { rows } = await harness.database.admin.query<{ tenant_id: string; body: string }>(
      "select tenant_id, body from app.notes where body like '%-%'",
    )
    expect(rows).toHaveLength(200)
    for (const row of rows) expect(row.body.split('-')[0]).toBe(row.tenant_id)
  })

  it('does not, for code between two jobs and for a job without an envelope after a good one', async () => {
    const process = bullProcessor(harness.tx, signingKey, addNote, options)
    await process(bullJob(acme, { body: 'a3' }))
    expect(() => currentContext()).toThrow(expect.objectContaining({ code: 'CONTEXT_REQUIRED' }))
    const bare = { queueName: 'mail', name: 'send', data: { body: 'orphan' } }
    await expect(process(bare)).rejects.toMatchObject({ code: 'INVALID_JOB' })
    expect(await bodiesOf(harness.tx, acme)).toEqual(['a1', 'a2', 'a3'])
  })

  it('does not, when the worker itself was started inside of a request', async () => {
    const process = bullProcessor(harness.tx, signingKey, addNote, options)
    const rows = await withContext(acme, () => process(bullJob(globex, { body: 'g2' })))
    expect(rows).toEqual([{ tenant_id: 'globex' }])
  })
})

describe('a handler for pg-boss', () => {
  let boss: PgBoss

  beforeAll(async () => {
    boss = new PgBoss({ connectionString: harness.database.url, supervise: false, schedule: false })
    boss.on('error', () => undefined)
    await boss.start()
  })
  afterAll(() => boss.stop({ graceful: false, wait: true }))

  async function stateOf(queue: string, id: string | null, wanted: string): Promise<void> {
    if (id === null) throw new Error('pg-boss took no job')
    const state = async (): Promise<string | undefined> => (await boss.getJobById(queue, id))?.state
    await expect.poll(state, { timeout: 20_000, interval: 50 }).toBe(wanted)
  }

  it('runs each job under its own tenant, through a real queue', async () => {
    await boss.createQueue('notes')
    const handler = bossHandler(harness.tx, signingKey, addNote, options)
    const send = (context: typeof acme, body: string): Promise<string | null> =>
      boss.send('notes', sealJob(context, { queue: 'notes', payload: { body } }, signingKey))
    const ids = [await send(acme, 'a3'), await send(globex, 'g2'), await send(acme, 'a4')]
    await boss.work('notes', { pollingIntervalSeconds: 0.5, batchSize: 10 }, handler)
    for (const id of ids) await stateOf('notes', id, 'completed')
    expect((await bodiesOf(harness.tx, acme)).sort()).toEqual(['a1', 'a2', 'a3', 'a4'])
    expect(await bodiesOf(harness.tx, globex)).toEqual(['g1', 'g2'])
  })

  it('delivers again what failed, and never runs what was not sealed for its queue', async () => {
    await boss.createQueue('retried')
    const attempts: string[] = []
    const handler = bossHandler<Note>(
      harness.tx,
      signingKey,
      async (job) => {
        attempts.push(job.id)
        if (attempts.length === 1) throw new Error('no luck')
        await addNote(job)
      },
      options,
    )
    await boss.work('retried', { pollingIntervalSeconds: 0.5 }, handler)
    const payload = { body: 'second try' }
    const good = sealJob(globex, { queue: 'retried', payload }, signingKey)
    const id = await boss.send('retried', good, { retryLimit: 2, retryDelay: 0 })
    await stateOf('retried', id, 'completed')
    expect(attempts).toHaveLength(2)
    expect(attempts[1]).toBe(attempts[0])
    expect(await bodiesOf(harness.tx, globex)).toEqual(['g1', 'second try'])

    const moved = sealJob(acme, { queue: 'notes', payload }, signingKey)
    for (const data of [moved, payload]) {
      await stateOf('retried', await boss.send('retried', data, { retryLimit: 0 }), 'failed')
    }
    expect(attempts).toHaveLength(2)
  })
})
