import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCaller } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import { demo, demoId } from '../demo-data/index.js'
import { complianceRoutes } from './compliance-routes.js'
import { evidenceRoutes } from './evidence-routes.js'

const framework = demoId('sec.frameworks', 0, 1)
const control = (row: number): string => demoId('sec.controls', 0, row)
const piece = (row: number, tenant = 1): string => demoId('sec.evidence', tenant, row)
const nothing = '00000000-0000-4000-8000-000000000000'
const digest = 'a'.repeat(64)

let api: ApiCaller
beforeAll(async () => {
  api = await openApiCaller([...complianceRoutes, ...evidenceRoutes])
})
afterAll(() => api.close())

describe('frameworks and controls', () => {
  it('are the same for every tenant, in the order of their codes', async () => {
    const here = await api.call('securityAnalyst', 'GET', '/frameworks')
    const there = await api.call('schoolPupil', 'GET', '/frameworks')
    expect(here.items.map(({ code }) => code)).toEqual(['ISO27001', 'SOC2'])
    expect(there.items).toEqual(here.items)
    const codes: unknown[] = []
    let after = ''
    do {
      const path = `/frameworks/${framework}/controls?limit=3${after}`
      const { items, body } = await api.call('securityAnalyst', 'GET', path)
      codes.push(...items.map(({ code }) => code))
      after = typeof body['next'] === 'string' ? `&after=${body['next']}` : ''
    } while (after !== '')
    expect(codes).toEqual(['A.7', 'A.7.2', 'A.8.13', 'A.8.15'])
    const unknown = await api.call('securityAnalyst', 'GET', `/frameworks/${nothing}/controls`)
    expect(unknown.status).toBe(404)
  })

  it('have a standing per tenant that others do not see', async () => {
    const path = `/controls/${control(1)}/status`
    const body = { state: 'implemented', ownerId: demo.users.securityManager, isReviewed: true }
    expect((await api.call('securityManager', 'PUT', path, body)).status).toBe(403)
    const before = await api.call('securityAdmin', 'GET', path)
    expect(before.body).toMatchObject({ state: 'not_started', updatedAt: null })
    const set = await api.call('securityAdmin', 'PUT', path, body)
    expect(set).toMatchObject({ status: 200, body: { state: 'implemented' } })
    const again = await api.call('securityAdmin', 'PUT', path, { state: 'in_progress' })
    expect(again.body).toMatchObject({
      state: 'in_progress',
      ownerId: null,
      reviewedAt: set.body['reviewedAt'],
    })
    const other = await api.call('schoolAdmin', 'GET', path)
    expect(other.body).toMatchObject({ state: 'not_started', ownerId: null })
  })

  it('say per tenant for how long their evidence is fresh, 90 days at first', async () => {
    const path = `/controls/${control(3)}/status`
    const put = (freshDays?: number): Promise<{ status: number; body: object }> =>
      api.call('securityAdmin', 'PUT', path, {
        state: 'in_progress',
        ...(freshDays !== undefined && { freshDays }),
      })
    expect((await api.call('securityAdmin', 'GET', path)).body).toMatchObject({ freshDays: 90 })
    expect((await put()).body).toMatchObject({ freshDays: 90 })
    expect((await put(30)).body).toMatchObject({ freshDays: 30 })
    expect((await put()).body).toMatchObject({ freshDays: 30 })
    expect((await api.call('schoolAdmin', 'GET', path)).body).toMatchObject({ freshDays: 90 })
    for (const wrong of [0, -1, 1.5, 3651]) expect((await put(wrong)).status).toBe(400)
  })

  it('cannot be owned by who is no member', async () => {
    const path = `/controls/${control(1)}/status`
    for (const ownerId of [demo.users.schoolAdmin, demo.users.formerAnalyst, nothing]) {
      const body = { state: 'in_progress', ownerId }
      const reply = await api.call('securityAdmin', 'PUT', path, body)
      expect(reply).toMatchObject({ status: 400, pointers: ['/body/ownerId'] })
    }
    const unknown = `/controls/${nothing}/status`
    expect((await api.call('securityAdmin', 'PUT', unknown, { state: 'in_progress' })).status).toBe(
      404,
    )
  })

  it('are found by standing, and summed up per framework', async () => {
    const path = `/frameworks/${framework}/status?state=implemented`
    const { items } = await api.call('schoolAdmin', 'GET', path)
    expect(items).toMatchObject([{ controlId: control(2), evidenceCount: 1 }])
    const { body } = await api.call('schoolAdmin', 'GET', '/compliance')
    expect(body['frameworks']).toMatchObject([
      {
        code: 'ISO27001',
        controls: 4,
        implemented: 1,
        inProgress: 1,
        notStarted: 2,
        notApplicable: 0,
        withEvidence: 2,
      },
      { code: 'SOC2', controls: 0, notStarted: 0 },
    ])
  })
})

describe('evidence', () => {
  it('is added with the digest of bytes that lie elsewhere, and superseded', async () => {
    const added = await api.call('securityManager', 'POST', '/evidence', {
      title: 'Door log of December',
      source: 'access-control',
      controlId: control(2),
      assetId: demoId('sec.assets', 1, 1),
      supersedesId: piece(3),
      keptElsewhere: { reference: 'archive/2026/12', sha256: digest, byteCount: 99 },
    })
    expect(added).toMatchObject({
      status: 201,
      body: { sha256: digest, byteCount: 99, storageReference: 'external:archive/2026/12' },
    })
    const old = await api.call('securityManager', 'GET', `/evidence/${piece(3)}`)
    expect(old.body).toMatchObject({ supersededById: added.body['id'] })
    const { items } = await api.call('securityManager', 'GET', '/evidence?superseded=false')
    const ids = items.map(({ id }) => id)
    expect(ids).toContain(added.body['id'])
    expect(ids).not.toContain(piece(3))
  })

  it('takes digest and size from an uploaded file that is ready', async () => {
    const body = { title: 'Photo', source: 'upload', fileId: demoId('media.files', 1, 1) }
    const added = await api.call('securityManager', 'POST', '/evidence', body)
    expect(added).toMatchObject({ status: 201, body: { byteCount: 250_000 } })
    for (const fileId of [demoId('media.files', 1, 2), demoId('media.files', 2, 1)]) {
      const reply = await api.call('securityManager', 'POST', '/evidence', { ...body, fileId })
      expect(reply).toMatchObject({ status: 400, pointers: ['/body/fileId'] })
    }
  })

  it('points at references to what the caller does not see', async () => {
    const { status, pointers } = await api.call('securityManager', 'POST', '/evidence', {
      title: 'Borrowed',
      source: 'elsewhere',
      controlId: nothing,
      assetId: demoId('sec.assets', 1, 2),
      supersedesId: piece(1, 2),
      keptElsewhere: { reference: 'x', sha256: digest, byteCount: 1 },
    })
    expect(status).toBe(400)
    expect(pointers).toEqual(['/body/assetId', '/body/controlId', '/body/supersedesId'])
    const both = { title: 't', source: 's' }
    expect((await api.call('securityManager', 'POST', '/evidence', both)).status).toBe(400)
  })

  it('cannot be changed or deleted, of another tenant not even seen', async () => {
    for (const method of ['PATCH', 'PUT', 'DELETE'] as const) {
      expect((await api.call('securityAdmin', method, `/evidence/${piece(1)}`)).status).toBe(404)
    }
    const worker = api.worker(demo.tenants.security)
    await expect(
      worker.query('update sec.evidence set title = $2 where id = $1', [piece(1), 'forged']),
    ).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    expect((await api.call('securityAdmin', 'GET', `/evidence/${piece(1, 2)}`)).status).toBe(404)
    expect((await api.call('securityAnalyst', 'GET', '/evidence')).status).toBe(403)
  })
})
