import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseTenantContext } from 'watertight/runtime'
import type { Transaction } from 'watertight/runtime'
import type { KeyProvider } from 'watertight/tenants'
import { roleUrls } from '../../test/role-urls.js'
import { openApiCaller } from '../../test/api-caller.js'
import type { ApiCaller, ApiReply } from '../../test/api-caller.js'
import { openTxManager } from '../boot/open-tx-manager.js'
import type { OpenTxManager } from '../boot/open-tx-manager.js'
import { demo, demoId } from '../demo-data/index.js'
import { auditRefusals } from './audit-refusals.js'
import { destinationRoutes } from '../security/destination-routes.js'
import { createMissingKeys } from './change-keys.js'
import { keyRoutes } from './key-routes.js'
import { configuredKeys, configureKeys } from './key-setup.js'
import type { KeySetup } from './key-setup.js'
import { openSecret, sealSecret } from './seal-secret.js'

const { security, school } = demo.tenants

let api: ApiCaller
let opened: OpenTxManager
beforeAll(async () => {
  api = await openApiCaller([...keyRoutes, ...destinationRoutes])
  opened = await openTxManager(roleUrls(api.database), api.database.signingKey, 2)
})
afterAll(async () => {
  await opened.close()
  await api.close()
})

function asWorker<Result>(
  tenantId: string,
  fn: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  return opened.tx.run(parseTenantContext({ mode: 'worker', tenantId, orgScope: 'all' }), fn)
}

async function ciphertextOf(credentialId: string): Promise<Buffer> {
  const { rows } = await api.database.admin.query<{ secret_ciphertext: Buffer }>(
    'select secret_ciphertext from sec.integration_credentials where id = $1',
    [credentialId],
  )
  return rows[0]?.secret_ciphertext ?? Buffer.alloc(0)
}

/** What the demo sealed for the first destination of a tenant. */
function demoCredential(tenant: 1 | 2): string {
  return demoId('sec.integration_credentials', tenant, 1)
}

function openDemo(tenantId: string, credentialId: string): Promise<string> {
  return asWorker(tenantId, async (tx) =>
    openSecret(tx, credentialId, await ciphertextOf(credentialId)),
  )
}

const keyOf = (reply: ApiReply, name: string): Record<string, unknown> => {
  const found = reply.items.find((item) => item['name'] === name)
  if (found === undefined) throw new Error(`no key ${name}`)
  return found
}

function act(path: string, body?: object, actor: 'schoolAdmin' | 'securityAdmin' = 'schoolAdmin') {
  return api.call(actor, 'POST', `/keys/${path}`, body)
}

describe('sealed secrets of integrations', () => {
  it('open for the tenant that they were sealed for', async () => {
    expect(await openDemo(security, demoCredential(1))).toMatch(/^demo-.*-1f1a$/)
  })

  it('do not open in another row, and not for another tenant that got a copy', async () => {
    const other = demoId('sec.integration_credentials', 1, 2)
    const bytes = await ciphertextOf(demoCredential(1))
    const attempts = [
      [security, other],
      [school, demoCredential(1)],
      [school, demoCredential(2)],
    ] as const
    for (const [tenantId, row] of attempts) {
      const attempt = asWorker(tenantId, (tx) => openSecret(tx, row, bytes))
      await expect(attempt).rejects.toMatchObject({ code: 'SEAL_BROKEN' })
    }
  })

  it('are sealed by an administrator as well as by a job, with a hint of long ones', async () => {
    const id = randomUUID()
    const context = parseTenantContext({
      mode: 'member',
      tenantId: security,
      userId: demo.users.securityAdmin,
      orgScope: 'all',
    })
    await opened.tx.run(context, async (tx) => {
      const sealed = await sealSecret(tx, id, 'whsec_0123456789abcdef')
      expect(sealed.hint).toBe('cdef')
      expect((await sealSecret(tx, id, 'short')).hint).toBe('')
      expect(await openSecret(tx, id, sealed.ciphertext)).toBe('whsec_0123456789abcdef')
    })
  })

  it('are not sealed without a tenant', async () => {
    const context = parseTenantContext({ mode: 'public' })
    const attempt = opened.tx.run(context, (tx) => sealSecret(tx, randomUUID(), 'x'))
    await expect(attempt).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
  })
})

describe('keys over HTTP', () => {
  it('are listed without their references, to administrators alone', async () => {
    const reply = await api.call('schoolAdmin', 'GET', '/keys')
    expect(reply.status).toBe(200)
    expect(reply.items.map((item) => [item['name'], item['state']]).toSorted()).toEqual([
      ['credentials-v1', 'rotating'],
      ['credentials-v2', 'active'],
      ['evidence-v1', 'active'],
      ['exports-v1', 'active'],
    ])
    expect(JSON.stringify(reply.body)).not.toContain('local:')
    expect((await api.call('schoolManager', 'GET', '/keys')).status).toBe(403)
    expect((await api.call(null, 'GET', '/keys')).status).toBe(401)
  })

  it.each([
    ['by who may not', 'schoolManager', 403],
    ['by another tenant', 'securityAdmin', 404],
  ] as const)('are not disabled %s', async (_what, actor, status) => {
    const key = keyOf(await api.call('schoolAdmin', 'GET', '/keys'), 'credentials-v2')
    const reply = await api.call(actor, 'POST', `/keys/${String(key['id'])}/disable`)
    expect(reply.status).toBe(status)
    expect(await openDemo(school, demoCredential(2))).toMatch(/^demo-/)
  })

  it('fail closed once disabled, which is audited, and open again once enabled', async () => {
    const audit = auditRefusals(opened.tx)
    const { providers } = configuredKeys()
    configureKeys({ providers, onRefused: audit.onRefused })
    const key = keyOf(await api.call('schoolAdmin', 'GET', '/keys'), 'credentials-v2')
    const id = String(key['id'])
    expect(await openDemo(school, demoCredential(2))).toMatch(/^demo-/)
    expect(await act(`${id}/disable`)).toMatchObject({ status: 200, body: { state: 'disabled' } })
    expect((await act(`${id}/disable`)).status).toBe(409)
    await expect(openDemo(school, demoCredential(2))).rejects.toMatchObject({
      code: 'KEY_DISABLED',
    })
    const sealing = asWorker(school, (tx) => sealSecret(tx, randomUUID(), 'x'))
    await expect(sealing).rejects.toMatchObject({ code: 'KEY_DISABLED' })
    // Another tenant's key is not concerned.
    expect(await openDemo(security, demoCredential(1))).toMatch(/^demo-/)
    await audit.settled()
    const { rows } = await api.database.admin.query<{ action: string; reason: string }>(
      `select action, detail ->> 'reason' as reason from ops.audit_log
       where tenant_id = $1 and outcome = 'denied' and detail ? 'reason' order by chain_position`,
      [school],
    )
    expect(rows).toEqual([
      { action: 'key.open', reason: 'KEY_DISABLED' },
      { action: 'key.seal', reason: 'KEY_DISABLED' },
    ])
    expect(await act(`${id}/enable`)).toMatchObject({ status: 200, body: { state: 'active' } })
    expect(await openDemo(school, demoCredential(2))).toMatch(/^demo-/)
  })

  it('are replaced: what the old one sealed opens, is sealed anew, and needs it no more', async () => {
    const before = await openDemo(security, demoCredential(1))
    const old = keyOf(await api.call('securityAdmin', 'GET', '/keys'), 'credentials-v2')
    const rotated = await act('credentials/rotate', undefined, 'securityAdmin')
    expect(rotated).toMatchObject({ status: 201, body: { name: 'credentials-v3' } })
    expect(await openDemo(security, demoCredential(1))).toBe(before)
    const resealed = await act('credentials/reseal', undefined, 'securityAdmin')
    expect(resealed).toMatchObject({ status: 200, body: { resealed: 2 } })
    const again = await act('credentials/reseal', undefined, 'securityAdmin')
    expect(again.body).toEqual({ resealed: 0 })
    const confirm = { confirm: 'credentials-v2' }
    const gone = await act(`${String(old['id'])}/destroy`, confirm, 'securityAdmin')
    expect(gone).toMatchObject({ status: 200, body: { state: 'destroyed' } })
    expect(await openDemo(security, demoCredential(1))).toBe(before)
  })

  it('once destroyed, confirmed by name, leave the sealed data unreadable for good', async () => {
    const key = keyOf(await api.call('schoolAdmin', 'GET', '/keys'), 'credentials-v2')
    const id = String(key['id'])
    expect((await act(`${id}/destroy`, {})).status).toBe(400)
    expect((await act(`${id}/destroy`, { confirm: 'credentials-v1' })).status).toBe(409)
    expect((await act(`${id}/destroy`, { confirm: 'credentials-v2' })).status).toBe(200)
    await expect(openDemo(school, demoCredential(2))).rejects.toMatchObject({
      code: 'KEY_DESTROYED',
    })
    expect((await act(`${id}/enable`)).status).toBe(409)
    const { admin } = api.database
    // Not even the superuser brings it back: the guard refuses, and without it there is no key left.
    const revive = `update core.encryption_keys set state = 'rotating', destroyed_at = null where id = $1`
    await expect(admin.query(revive, [id])).rejects.toMatchObject({ code: '23001' })
    await admin.query('alter table core.encryption_keys disable trigger encryption_keys_guard')
    await admin.query(revive, [id])
    await expect(openDemo(school, demoCredential(2))).rejects.toMatchObject({
      code: 'KEY_DESTROYED',
    })
    await admin.query('alter table core.encryption_keys enable trigger encryption_keys_guard')
  })

  it('of two rotations at once get two versions', async () => {
    const both = await Promise.all([act('exports/rotate'), act('exports/rotate')])
    expect(both.map(({ status }) => status)).toEqual([201, 201])
    expect(both.map(({ body }) => body['version']).toSorted()).toEqual([2, 3])
  })

  it('are made once where they are missing', async () => {
    const { admin } = api.database
    const count = async (): Promise<number> => {
      const { rows } = await admin.query<{ count: number }>(
        'select count(*)::int as count from core.encryption_keys where tenant_id = $1',
        [demo.tenants.events],
      )
      return rows[0]?.count ?? 0
    }
    const before = await count()
    await asWorker(demo.tenants.events, (tx) => createMissingKeys(tx, demo.tenants.events))
    expect(await count()).toBe(before)
  })

  it('cannot be changed by SQL of a member', async () => {
    const context = parseTenantContext({
      mode: 'member',
      tenantId: school,
      userId: demo.users.schoolAdmin,
      orgScope: 'all',
    })
    const attempt = opened.tx.query(context, `update core.encryption_keys set state = 'disabled'`)
    await expect(attempt).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
  })
})

describe('a provider of keys that fails', () => {
  let before: KeySetup
  const failing: KeyProvider = {
    name: 'local',
    create: () => Promise.reject(new TypeError('connect ECONNREFUSED 10.0.0.7:443')),
    wrap: () => Promise.reject(new Error('secret-of-the-provider')),
    unwrap: () => Promise.reject(new Error('secret-of-the-provider')),
    disable: () => {
      throw new RangeError('secret-of-the-provider')
    },
    enable: () => Promise.reject(new Error('secret-of-the-provider')),
    destroy: () => Promise.reject(new Error('secret-of-the-provider')),
  }
  beforeAll(() => {
    before = configuredKeys()
    configureKeys({ providers: [failing] })
  })
  afterAll(() => configureKeys(before))

  it('is a 503 that says no more, and changes nothing', async () => {
    const active = (reply: ApiReply): unknown =>
      reply.items.find((item) => item['state'] === 'active' && item['purpose'] === 'evidence')
    const key = active(await api.call('eventsAdmin', 'GET', '/keys')) as { id: string }
    const replies = [
      await api.call('eventsAdmin', 'POST', `/keys/${key.id}/disable`),
      await api.call('eventsAdmin', 'POST', '/keys/evidence/rotate'),
      await api.call('eventsAdmin', 'POST', '/integrations/destinations', {
        name: 'Pager',
        kind: 'webhook',
        url: 'https://hooks.example.com/x',
        eventTypes: ['alert.raised'],
        credential: { kind: 'hmac', secret: 'a-secret-of-some-length-0123456789' },
      }),
    ]
    for (const reply of replies) {
      expect(reply).toMatchObject({ status: 503, body: { code: 'KEY_PROVIDER_FAILED' } })
      expect(reply.text).not.toMatch(/secret-of|ECONN/)
    }
    expect(active(await api.call('eventsAdmin', 'GET', '/keys'))).toEqual(key)
  })
})
