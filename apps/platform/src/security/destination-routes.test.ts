import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCaller } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import { demo, demoId } from '../demo-data/index.js'
import type { DemoActorKey } from '../demo-data/index.js'
import { openSecret } from '../keys/seal-secret.js'
import { deliveryRoutes } from './delivery-routes.js'
import { destinationRoutes } from './destination-routes.js'

const destination = (row: number, tenant = 1): string =>
  demoId('sec.integration_destinations', tenant, row)
const delivery = (row: number, tenant = 1): string => demoId('sec.deliveries', tenant, row)
const secret = 'whsec_dGhpcyBpcyBub3QgYSBzZWNyZXQ='
const path = '/integrations/destinations'

let api: ApiCaller
beforeAll(async () => {
  api = await openApiCaller([...destinationRoutes, ...deliveryRoutes])
})
afterAll(() => api.close())

let made = 0
async function make(change: object = {}): Promise<string> {
  made += 1
  const reply = await api.call('securityAdmin', 'POST', path, {
    name: `Receiver ${String(made)}`,
    kind: 'webhook',
    url: 'https://hooks.example.com/in',
    eventTypes: ['alert.raised'],
    credential: { kind: 'hmac', secret },
    ...change,
  })
  expect(reply.status).toBe(201)
  expect(JSON.stringify(reply.body)).not.toContain(secret)
  return String(reply.body['id'])
}

interface Stored {
  readonly id: string
  readonly secret_ciphertext: Buffer
  readonly version: number
  readonly retired_at: Date | null
}

async function credentialsOf(id: string): Promise<Stored[]> {
  const { rows } = await api.database.admin.query<Stored>(
    `select id, secret_ciphertext, version, retired_at from sec.integration_credentials
     where destination_id = $1 order by version`,
    [id],
  )
  return rows
}

describe('destinations', () => {
  it('keep their secret sealed and show its end alone', async () => {
    const id = await make()
    const shown = await api.call('securityAdmin', 'GET', `${path}/${id}`)
    expect(shown.body['credential']).toMatchObject({ kind: 'hmac', hint: 'ZXQ=', version: 1 })
    expect(JSON.stringify(shown.body)).not.toContain(secret)
    const [stored] = await credentialsOf(id)
    expect(stored?.secret_ciphertext.includes(secret)).toBe(false)
    const opened = await api
      .worker(demo.tenants.security)
      .run((tx) => openSecret(tx, stored?.id ?? '', stored?.secret_ciphertext ?? Buffer.alloc(0)))
    expect(opened).toBe(secret)
  })

  it.each([
    ['http://hooks.example.com/', 'plain http'],
    ['https://127.0.0.1/', 'loopback'],
    ['https://0x7f.1/', 'loopback in hexadecimal'],
    ['https://2130706433/', 'loopback as a number'],
    ['https://[::1]/', 'loopback of version 6'],
    ['https://[::ffff:10.0.0.1]/', 'a mapped private address'],
    ['https://10.1.2.3/', 'a private address'],
    ['https://169.254.169.254/latest/meta-data', 'the metadata service'],
    ['https://100.64.0.1/', 'carrier-grade NAT'],
    ['https://localhost/', 'the machine itself'],
    ['https://db.internal/', 'a name inside'],
    ['https://intranet/', 'a bare name'],
    ['https://user:pass@hooks.example.com/', 'a password'],
    ['https://hooks.example.com:22/', 'another port'],
    ['https://hooks.example.com/#part', 'a fragment'],
    ['javascript:alert(1)', 'no address at all'],
  ])('refuse %s: %s', async (url) => {
    const body = { name: 'Inside', kind: 'webhook', url, eventTypes: ['alert.raised'] }
    const reply = await api.call('securityAdmin', 'POST', path, body)
    expect(reply).toMatchObject({ status: 400, pointers: ['/body/url'] })
    const change = await api.call('securityAdmin', 'PATCH', `${path}/${destination(1)}`, { url })
    expect(change).toMatchObject({ status: 400, pointers: ['/body/url'] })
  })

  it('have names of their own among the live ones of a tenant', async () => {
    const body = {
      name: 'Incident webhook',
      kind: 'siem',
      url: 'https://logs.example.com/',
      eventTypes: ['alert.raised'],
    }
    expect((await api.call('securityAdmin', 'POST', path, body)).status).toBe(409)
    const id = await make()
    const change = { name: 'Incident webhook' }
    expect((await api.call('securityAdmin', 'PATCH', `${path}/${id}`, change)).status).toBe(409)
    const again = { name: `Receiver ${String(made)}` }
    expect((await api.call('securityAdmin', 'PATCH', `${path}/${id}`, again)).status).toBe(200)
    expect((await api.call('securityAdmin', 'DELETE', `${path}/${id}`)).status).toBe(204)
    expect((await api.call('securityAdmin', 'GET', `${path}/${id}`)).status).toBe(404)
    expect((await api.call('securityAdmin', 'DELETE', `${path}/${id}`)).status).toBe(404)
    expect((await credentialsOf(id)).every((stored) => stored.retired_at !== null)).toBe(true)
    await make(again)
  })

  it('do not send a bearer secret to another host', async () => {
    const credential = { kind: 'bearer', secret: 'a bearer secret of some length' }
    const id = await make({ credential })
    const samePlace = { url: 'https://hooks.example.com/other' }
    const kept = await api.call('securityAdmin', 'PATCH', `${path}/${id}`, samePlace)
    expect(kept.body['credential']).toMatchObject({ kind: 'bearer' })
    const elsewhere = { url: 'https://thief.example.com/' }
    const moved = await api.call('securityAdmin', 'PATCH', `${path}/${id}`, elsewhere)
    expect(moved.body['credential']).toBeNull()
    const renewed = await api.call('securityAdmin', 'PATCH', `${path}/${id}`, { credential })
    expect(renewed.body['credential']).toMatchObject({ version: 2 })
  })

  it('rotate their secret and keep one live version when many do so at once', async () => {
    const id = await make()
    const credential = { kind: 'hmac', secret }
    const replies = await Promise.all(
      Array.from({ length: 6 }, () =>
        api.call('securityAdmin', 'PATCH', `${path}/${id}`, { credential }),
      ),
    )
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
    const stored = await credentialsOf(id)
    expect(stored.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(stored.filter((each) => each.retired_at === null)).toHaveLength(1)
  })

  it('of another tenant are not there, and are for administrators only', async () => {
    for (const [method, body] of [
      ['GET', undefined],
      ['PATCH', { isEnabled: false }],
      ['DELETE', undefined],
    ] as const) {
      const foreign = await api.call('securityAdmin', method, `${path}/${destination(1, 2)}`, body)
      expect(foreign.status).toBe(404)
      const lower = await api.call('securityManager', method, `${path}/${destination(1)}`, body)
      expect(lower.status).toBe(403)
    }
  })

  it('points at secrets and event types that cannot be used', async () => {
    const { pointers } = await api.call('securityAdmin', 'POST', path, {
      name: 'Faulty',
      kind: 'pigeon',
      url: 'https://hooks.example.com/',
      eventTypes: ['everything'],
      credential: { kind: 'bearer', secret: 'line\r\nbreak: and more of it' },
    })
    expect(pointers).toEqual(['/body/credential/secret', '/body/eventTypes/0', '/body/kind'])
  })
})

describe('deliveries', () => {
  it.each([
    ['state=dead_letter', [2]],
    [`destinationId=${destination(2)}`, []],
  ])('are found by %s', async (filter, rows) => {
    const { items } = await api.call('securityAdmin', 'GET', `/integrations/deliveries?${filter}`)
    expect(items.map(({ id }) => id)).toEqual(rows.map((row) => delivery(row)))
  })

  it.each<DemoActorKey>(['securityAdmin', 'auditorLive'])(
    'say to %s what their destination is called, also once it is deleted',
    async (actor) => {
      const { admin } = api.database
      const path = `/integrations/deliveries/${delivery(2)}`
      const [id, name] = [destination(1), 'Incident webhook']
      const expected = { destinationId: id, destinationName: name }
      const listed = async (): Promise<object | undefined> => {
        const { items } = await api.call(actor, 'GET', '/integrations/deliveries')
        return items.find((item) => item['id'] === delivery(2))
      }
      expect(await listed()).toMatchObject(expected)
      const mark = 'update sec.integration_destinations set deleted_at = $2 where id = $1'
      await admin.query(mark, [id, new Date()])
      expect(await listed()).toMatchObject(expected)
      expect((await api.call(actor, 'GET', path)).body).toMatchObject(expected)
      await admin.query(mark, [id, null])
    },
  )

  it('show what they carried and how each attempt went', async () => {
    const at = `/integrations/deliveries/${delivery(2)}`
    const detail = await api.call('securityAdmin', 'GET', at)
    expect(detail.body).toMatchObject({ payload: { alert: demoId('sec.alerts', 1, 2) } })
    const { items, body } = await api.call('securityAdmin', 'GET', `${at}/attempts`)
    expect(items).toMatchObject([{ attempt: 1, responseStatus: 410, responseExcerpt: 'Gone' }])
    expect(body['next']).toBeNull()
    expect((await api.call('securityAdmin', 'GET', `${at}/attempts?after=1`)).items).toEqual([])
    expect((await api.call('schoolAdmin', 'GET', `${at}/attempts`)).status).toBe(404)
  })

  it('come back from the dead letters with attempts anew, and not while they are under way', async () => {
    const at = `/integrations/deliveries/${delivery(2)}/redeliver`
    expect((await api.call('schoolAdmin', 'POST', at)).status).toBe(404)
    expect((await api.call('securityManager', 'POST', at)).status).toBe(403)
    const reply = await api.call('securityAdmin', 'POST', at)
    expect(reply).toMatchObject({ status: 200, body: { state: 'queued', finishedAt: null } })
    expect((await api.call('securityAdmin', 'POST', at)).status).toBe(409)
    const underWay = `/integrations/deliveries/${delivery(3)}/redeliver`
    expect((await api.call('securityAdmin', 'POST', underWay)).status).toBe(409)
    await api.call('securityAdmin', 'PATCH', `${path}/${destination(1)}`, { isEnabled: false })
    const off = `/integrations/deliveries/${delivery(1)}/redeliver`
    expect((await api.call('securityAdmin', 'POST', off)).status).toBe(409)
  })
})
