import { randomUUID } from 'node:crypto'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { tlsCertificate, tlsKey } from '../../../../test/tls-certificate.js'
import type { PlatformDatabase } from '../../test/platform-database.js'
import { createPlatformDatabase } from '../../test/platform-database.js'
import { roleUrls } from '../../test/role-urls.js'
import { openTxManager } from '../boot/open-tx-manager.js'
import type { OpenTxManager } from '../boot/open-tx-manager.js'
import { demo, demoId } from '../demo-data/index.js'
import { enqueue } from '../outbox/enqueue.js'
import { openWithKeys } from '../workers/open-with-keys.js'
import { claimDeliveries, finishAttempt } from './delivery-repository.js'
import { deliveryWork, outboxWork } from './dispatcher.js'
import type { DispatcherOptions } from './dispatcher.js'
import { redeliver } from './redeliver.js'
import { webhookClient } from './webhook-client.js'
import { signMessage } from './webhook-signature.js'

const { security, school } = demo.tenants
const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`

let database: PlatformDatabase
let opened: OpenTxManager
let server: Server
let received: { headers: IncomingHttpHeaders; body: string }[] = []
let answer: (response: ServerResponse) => void

beforeAll(async () => {
  database = await createPlatformDatabase()
  opened = await openTxManager(roleUrls(database), database.signingKey, 4)
  server = createServer({ key: tlsKey, cert: tlsCertificate }, (request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      received.push({ headers: request.headers, body })
      answer(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
beforeEach(async () => {
  received = []
  answer = (response) => response.end('ok')
  await database.admin.query('delete from sec.deliveries')
  await database.admin.query('delete from ops.outbox')
  await database.admin.query(
    `update sec.integration_destinations set url = 'https://' || $1, is_enabled = true,
       event_types = '{alert.opened}'`,
    [`${host()}/in`],
  )
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await opened.close()
  await database.drop()
})

function host(): string {
  return `localhost:${String((server.address() as AddressInfo).port)}`
}

function options(change: Partial<DispatcherOptions> = {}): DispatcherOptions {
  return {
    send: webhookClient({
      loopbackTargets: [host()],
      authorities: [tlsCertificate],
      resolve: () => Promise.resolve(['127.0.0.1']),
      timeout: 2000,
    }),
    openSecret: () => Promise.resolve(secret),
    backOff: { first: 1000, factor: 2, most: 8000 },
    ...change,
  }
}

const never = new AbortController().signal
const publish = (tenantId: string): Promise<number> => outboxWork(opened.tx)(tenantId, never)
const deliver = (tenantId: string, change?: Partial<DispatcherOptions>): Promise<number> =>
  deliveryWork(opened.tx, options(change))(tenantId, never)

function enqueueFor(tenantId: string, topic: 'alert.opened' | 'alert.closed' = 'alert.opened') {
  const payload = { alertId: demoId('sec.alerts', 1, 1) }
  return opened.tx.asWorker({ tenantId }).run((tx) => enqueue(tx, topic, payload))
}

interface DeliveryRow {
  id: string
  message_id: string
  tenant_id: string
  alert_id: string | null
  state: string
  attempts: number
  due_in: number | null
  destination_id: string
}
async function deliveries(): Promise<DeliveryRow[]> {
  const { rows } = await database.admin.query<DeliveryRow>(
    `select id, message_id, tenant_id, alert_id, state, attempts, destination_id,
       extract(epoch from next_attempt_at - now())::float8 as due_in
     from sec.deliveries order by position`,
  )
  return rows
}
async function attempts(): Promise<Record<string, unknown>[]> {
  const { rows } = await database.admin.query<Record<string, unknown>>(
    `select attempt, response_status as status, response_excerpt as excerpt, error_class as class
     from sec.delivery_attempts order by delivery_id, attempt`,
  )
  return rows
}
const makeDue = (): Promise<unknown> =>
  database.admin.query('update sec.deliveries set next_attempt_at = now()')
const oneDestination = (): Promise<unknown> =>
  database.admin.query('update sec.integration_destinations set is_enabled = (kind = $1)', [
    'webhook',
  ])

describe('publishing', () => {
  it('makes one delivery for every destination of the tenant that asked for the topic', async () => {
    const messageId = await enqueueFor(security)
    await enqueueFor(security, 'alert.closed')
    expect(await publish(security)).toBe(2)
    const rows = await deliveries()
    expect(rows.map(({ message_id: id }) => id)).toEqual([messageId, messageId])
    expect(new Set(rows.map(({ destination_id: id }) => id)).size).toBe(2)
    expect(rows.map(({ tenant_id: id }) => id)).toEqual([security, security])
    expect(rows.map(({ alert_id: id }) => id)).toEqual([
      demoId('sec.alerts', 1, 1),
      demoId('sec.alerts', 1, 1),
    ])
  })

  it('publishes each message once, however many workers try at the same time', async () => {
    await oneDestination()
    for (let message = 0; message < 20; message += 1) await enqueueFor(security)
    const done = await Promise.all(Array.from({ length: 6 }, () => publish(security)))
    expect(done.reduce((sum, count) => sum + count)).toBe(20)
    expect(await deliveries()).toHaveLength(20)
  })

  it('touches no message of another tenant', async () => {
    await enqueueFor(school)
    expect(await publish(security)).toBe(0)
    expect(await deliveries()).toEqual([])
  })

  it('leaves out destinations that are switched off or deleted', async () => {
    await database.admin.query(
      `update sec.integration_destinations set is_enabled = kind = 'siem',
         deleted_at = case when kind = 'siem' then now() end`,
    )
    await enqueueFor(security)
    expect(await publish(security)).toBe(1)
    expect(await deliveries()).toEqual([])
    await database.admin.query('update sec.integration_destinations set deleted_at = null')
  })
})

describe('delivering', () => {
  beforeEach(oneDestination)

  it('posts a signed message that a receiver can verify', async () => {
    const messageId = await enqueueFor(security)
    await publish(security)
    expect(await deliver(security)).toBe(1)
    const [request] = received
    if (request === undefined) throw new Error('nothing was received')
    const { headers, body } = request
    const timestamp = Number(headers['webhook-timestamp'])
    expect(headers['webhook-id']).toBe(messageId)
    expect(Math.abs(timestamp - Date.now() / 1000)).toBeLessThan(30)
    expect(headers['webhook-signature']).toBe(
      signMessage({ id: messageId, timestamp, body }, secret),
    )
    expect(JSON.parse(body)).toEqual({
      type: 'alert.opened',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: { alertId: demoId('sec.alerts', 1, 1) },
    })
    expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 1, due_in: null }])
    expect(await attempts()).toEqual([{ attempt: 1, status: 200, excerpt: 'ok', class: null }])
    expect(await deliver(security)).toBe(0)
  })

  it('tries again under the same id with growing waits, until the dead letter', async () => {
    answer = (response) => response.writeHead(503).end('busy')
    await enqueueFor(security)
    await publish(security)
    const waits: number[] = []
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      expect(await deliver(security)).toBe(1)
      expect(await deliver(security)).toBe(0)
      const [row] = await deliveries()
      waits.push(Math.round(row?.due_in ?? -1))
      await makeDue()
    }
    expect(await deliveries()).toMatchObject([{ state: 'dead_letter', attempts: 8 }])
    const bounds = [1, 2, 4, 8, 8, 8, 8].map((most) => [most / 2 - 0.6, most])
    for (const [index, [least = 0, most = 0]] of bounds.entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(least)
      expect(waits[index]).toBeLessThanOrEqual(most)
    }
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(received).toHaveLength(8)
    expect(await deliver(security)).toBe(0)

    answer = (response) => response.end()
    const [row] = await deliveries()
    const again = (id: string, tenantId: string): Promise<boolean> =>
      opened.tx.asWorker({ tenantId }).run((db) => redeliver(db, id))
    expect(await again(row?.id ?? '', school)).toBe(false)
    expect(await again(row?.id ?? '', security)).toBe(true)
    expect(await again(row?.id ?? '', security)).toBe(false)
    expect(await deliver(security)).toBe(1)
    expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 9 }])
    expect(received.at(-1)?.headers['webhook-id']).toBe(received[0]?.headers['webhook-id'])
  })

  it.each<[string, (response: ServerResponse) => void, string, string]>([
    ['a redirect', (r) => r.writeHead(302, { location: '/' }).end(), 'redirect', 'retrying'],
    ['a refusal', (r) => r.writeHead(400).end(), 'client_error', 'retrying'],
    ['a goodbye', (r) => r.writeHead(410).end(), 'gone', 'dead_letter'],
    ['a broken connection', (r) => r.socket?.destroy(), 'protocol', 'retrying'],
  ])('records %s for what it is', async (_what, behaviour, failure, state) => {
    answer = behaviour
    await enqueueFor(security)
    await publish(security)
    await deliver(security)
    expect(await attempts()).toMatchObject([{ class: failure }])
    expect(await deliveries()).toMatchObject([{ state }])
  })

  it('waits as long as the destination asks, within bounds', async () => {
    answer = (response) => response.writeHead(429, { 'retry-after': '6' }).end()
    await enqueueFor(security)
    await publish(security)
    await deliver(security)
    expect((await deliveries())[0]?.due_in).toBeGreaterThan(5)
    answer = (response) => response.writeHead(429, { 'retry-after': '999999999' }).end()
    await makeDue()
    await deliver(security)
    expect((await deliveries())[0]?.due_in).toBeLessThanOrEqual(8)
  })

  it('sends nothing when the secret cannot be opened, and says so', async () => {
    await enqueueFor(security)
    await publish(security)
    await deliver(security, { openSecret: () => Promise.reject(new Error('key 17 is disabled')) })
    expect(received).toEqual([])
    expect(await attempts()).toMatchObject([{ class: 'credential', status: null }])
    const { rows } = await database.admin.query('select error from sec.delivery_attempts')
    expect(JSON.stringify(rows)).not.toContain('17')
  })

  it('opens secrets with the keys of the tenant, and with none that is disabled', async () => {
    const withKeys = { openSecret: openWithKeys(opened.tx) }
    const change = (state: 'active' | 'disabled'): Promise<unknown> =>
      database.admin.query(
        `update core.encryption_keys k set state = $1::core.key_state,
           disabled_at = case when $1 = 'disabled' then now() end
         from sec.integration_credentials c
         where k.id = c.encryption_key_id and c.tenant_id = $2`,
        [state, security],
      )
    const messageId = await enqueueFor(security)
    await publish(security)
    await change('disabled')
    await deliver(security, withKeys)
    expect(received).toEqual([])
    expect(await attempts()).toMatchObject([{ class: 'credential', status: null }])
    await change('active')
    await makeDue()
    await deliver(security, withKeys)
    const [{ headers, body } = { headers: {}, body: '' }] = received
    const timestamp = Number(headers['webhook-timestamp'])
    expect(headers['webhook-signature']).toBe(
      signMessage({ id: messageId, timestamp, body }, 'demo-security-1f1a'),
    )
  })

  it('opens the secret of the tenant that the delivery is of', async () => {
    const asked: string[] = []
    await enqueueFor(school)
    await publish(school)
    await deliver(school, {
      openSecret: (tenantId, { destinationId }) => {
        asked.push(tenantId, destinationId)
        return Promise.resolve(secret)
      },
    })
    expect(asked).toEqual([school, demoId('sec.integration_destinations', 2, 1)])
    expect(await attempts()).toMatchObject([{ status: 200 }])
  })

  it('connects to no private address, whatever the destination says', async () => {
    await enqueueFor(security)
    await publish(security)
    await deliver(security, { send: webhookClient() })
    expect(await attempts()).toMatchObject([{ class: 'target_refused', status: null }])
    expect(received).toEqual([])
  })

  it('gives up on a destination that was switched off in the meantime', async () => {
    await enqueueFor(security)
    await publish(security)
    await database.admin.query('update sec.integration_destinations set is_enabled = false')
    await deliver(security)
    expect(received).toEqual([])
    expect(await attempts()).toMatchObject([{ class: 'destination_disabled' }])
    expect(await deliveries()).toMatchObject([{ state: 'dead_letter' }])
  })

  it('delivers each message once while many workers are at it', async () => {
    for (let message = 0; message < 12; message += 1) await enqueueFor(security)
    await publish(security)
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(Array.from({ length: 4 }, () => deliver(security)))
    }
    const ids = received.map(({ headers }) => headers['webhook-id'])
    expect({ all: ids.length, different: new Set(ids).size }).toEqual({ all: 12, different: 12 })
  })

  it('takes over from a worker that died, with the lost attempt on record', async () => {
    await enqueueFor(security)
    await publish(security)
    const worker = opened.tx.asWorker({ tenantId: security, orgScope: 'all' })
    // Claimed, and never heard of again.
    const [lost] = await worker.run((db) => claimDeliveries(db, 4, 60))
    if (lost === undefined) throw new Error('nothing was claimed')
    expect(await deliver(security)).toBe(0)
    await makeDue()
    expect(await deliver(security)).toBe(1)
    expect(await attempts()).toMatchObject([
      { attempt: 1, class: 'abandoned' },
      { attempt: 2, status: 200 },
    ])
    // It was alive after all: too late to change anything.
    const record = { startedAt: new Date(), durationMs: 1, status: 500, excerpt: null }
    await worker.run((db) =>
      finishAttempt(
        db,
        lost,
        { ...record, failure: 'server_error', error: 'x', signature: null },
        { state: 'dead_letter' },
      ),
    )
    expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 2 }])
  })

  it('stops at last when worker after worker dies of a delivery', async () => {
    await enqueueFor(security)
    await publish(security)
    const worker = opened.tx.asWorker({ tenantId: security, orgScope: 'all' })
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      await worker.run((db) => claimDeliveries(db, 4, 60))
      await makeDue()
    }
    await deliver(security)
    expect(received).toEqual([])
    expect(await deliveries()).toMatchObject([{ state: 'dead_letter', attempts: 9 }])
    expect((await attempts()).map((row) => row['class'])).toEqual(Array(9).fill('abandoned'))
  })

  it('finds nothing of another tenant to deliver', async () => {
    await enqueueFor(school)
    await publish(school)
    expect(await deliver(security)).toBe(0)
    expect(await deliver(randomUUID())).toBe(0)
    expect(received).toEqual([])
  })
})
