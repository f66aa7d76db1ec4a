import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatSigningKey } from 'watertight/runtime'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { tlsCertificate, tlsKey } from '../../../test/tls-certificate.js'
import type { PlatformDatabase } from '../test/platform-database.js'
import { createPlatformDatabase } from '../test/platform-database.js'
import type { ProgramProcess, Programs } from '../test/platform-programs.js'
import { buildPrograms } from '../test/platform-programs.js'
import { demo } from './demo-data/index.js'

const tenants = Object.values(demo.tenants)

let database: PlatformDatabase
let program: Programs
let folder: string
let server: Server
let received: string[] = []
const running: ProgramProcess[] = []

beforeAll(async () => {
  ;[database, program] = await Promise.all([createPlatformDatabase(), buildPrograms('worker')])
  folder = await mkdtemp(join(tmpdir(), 'watertight-worker-'))
  await writeFile(join(folder, 'ca.pem'), tlsCertificate)
  server = createServer({ key: tlsKey, cert: tlsCertificate }, (request, response) => {
    request.resume().on('end', () => {
      received.push(String(request.headers['webhook-id']))
      // Slow enough for a worker to die with requests under way.
      setTimeout(() => response.end(), 30)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await database.admin.query(
    `update sec.integration_destinations set url = 'https://' || $1, is_enabled = (kind = 'webhook'),
       event_types = '{work.done}'`,
    [`${host()}/in`],
  )
  // Without a secret to open, so that the process needs no keys here.
  await database.admin.query('update sec.integration_credentials set retired_at = now()')
})
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL')
  await Promise.all(running.map(({ ended }) => ended))
  running.length = 0
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await database.drop()
  await program.remove()
  await rm(folder, { recursive: true })
})

function host(): string {
  return `localhost:${String((server.address() as AddressInfo).port)}`
}

function start(change: Readonly<Record<string, string>> = {}): ProgramProcess {
  const worker = program.start('worker', {
    PLATFORM_WORKER_URL: database.urlFor(database.role('worker')),
    WATERTIGHT_SIGNING_KEY: formatSigningKey(database.signingKey),
    PLATFORM_EXPORT_FOLDER: join(folder, 'exports'),
    PLATFORM_WEBHOOK_LOOPBACK_TARGETS: host(),
    PLATFORM_DELIVERY_LEASE: '2',
    PLATFORM_WORKER_QUEUES: 'outbox,deliveries',
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    ...change,
  })
  running.push(worker)
  return worker
}

/** One message for each number, of the first tenant mostly: the others are to have theirs as well. */
async function enqueue(whale: number, others: number): Promise<void> {
  await database.admin.query(
    `insert into ops.outbox (tenant_id, topic, payload)
     select t.id, 'work.done', jsonb_build_object('number', n)
     from unnest($1::uuid[]) with ordinality t (id, place)
     cross join lateral generate_series(1, case when place = 1 then $2::int else $3::int end) n`,
    [tenants, whale, others],
  )
}

async function count(condition: string): Promise<number> {
  const { rows } = await database.admin.query<{ count: string }>(
    `select count(*) from sec.deliveries where event_type = 'work.done' and ${condition}`,
  )
  return Number(rows[0]?.count)
}

describe('worker processes', () => {
  it('do everything when one of them is killed in the middle', async () => {
    const total = 64
    const [first, second] = [start(), start()]
    for (const { log } of running) {
      await expect.poll(() => log.length, { timeout: 30_000, interval: 20 }).toBeGreaterThan(0)
    }
    await enqueue(60, 2)
    await expect.poll(() => received.length, { timeout: 30_000, interval: 5 }).toBeGreaterThan(8)
    first.child.kill('SIGKILL')
    expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL' })
    await expect
      .poll(() => count("state = 'delivered'"), { timeout: 30_000, interval: 100 })
      .toBe(total)
    // Every message became one delivery, and reached its receiver at least once under its own id.
    expect(await count('true')).toBe(total)
    const { rows } = await database.admin.query<{ id: string }>(
      "select message_id as id from sec.deliveries where event_type = 'work.done'",
    )
    const sent = new Set(rows.map(({ id }) => id))
    // The demo's own deliveries fall due in the meantime, too.
    const arrived = received.filter((id) => sent.has(id))
    expect(new Set(arrived)).toEqual(sent)
    // What was sent twice is what the dead one had in hand, and its attempts are on record.
    const abandoned = await database.admin.query(
      "select from sec.delivery_attempts where error_class = 'abandoned'",
    )
    expect(abandoned.rowCount).toBeLessThanOrEqual(4 * tenants.length)
    expect(arrived.length - total).toBeLessThanOrEqual(abandoned.rowCount ?? 0)
    second.child.kill('SIGTERM')
    expect(await second.ended).toEqual({ code: 0, signal: null })
    expect(second.errors()).toBe('')
  })

  it('finish what is in hand when they are asked to end', async () => {
    received = []
    await enqueue(20, 0)
    const worker = start()
    await expect.poll(() => received.length, { timeout: 20_000, interval: 2 }).toBeGreaterThan(0)
    worker.child.kill('SIGTERM')
    expect(await worker.ended).toEqual({ code: 0, signal: null })
    const events = worker.log.map(({ event }) => event)
    expect(events.slice(events.indexOf('stopping')).at(-1)).toBe('turn')
    // Nothing is left half done: what was attempted has its record.
    const { rows } = await database.admin.query(
      `select d.id from sec.deliveries d where d.attempts > 0 and not exists (
         select from sec.delivery_attempts a where a.delivery_id = d.id and a.attempt = d.attempts)`,
    )
    expect(rows).toEqual([])
    expect(received.length).toBeLessThan(20)
  })

  it('name everything that is wrong with their environment, and no value of it', async () => {
    const worker = start({
      PLATFORM_WORKER_URL: 'mysql://secret@db',
      WATERTIGHT_SIGNING_KEY: 'secret',
      PLATFORM_EXPORT_FOLDER: '',
      PLATFORM_WORKER_QUEUES: 'outbox,secret',
    })
    expect(await worker.ended).toEqual({ code: 64, signal: null })
    for (const name of ['WORKER_URL', 'SIGNING_KEY', 'EXPORT_FOLDER', 'WORKER_QUEUES']) {
      expect(worker.errors()).toContain(name)
    }
    expect(worker.errors()).not.toContain('secret')
  })

  it('do not start on a role that could see past the isolation', async () => {
    const worker = start({ PLATFORM_WORKER_URL: database.url })
    expect(await worker.ended).toEqual({ code: 4, signal: null })
    expect(worker.errors()).toContain('UNSAFE_ROLE')
  })

  it('do not send to this machine in production', async () => {
    const worker = start({ NODE_ENV: 'production' })
    expect(await worker.ended).toEqual({ code: 4, signal: null })
    expect(worker.errors()).toContain('DEVELOPMENT_ONLY')
  })
})
