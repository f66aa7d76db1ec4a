import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCaller } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import { demo, demoId } from '../demo-data/index.js'
import { mediaRoutes } from './media-routes.js'

const file = (row: number, tenant = 1): string => demoId('media.files', tenant, row)
const upload = {
  originalName: 'gate.jpg',
  contentType: 'image/jpeg',
  byteCount: 1024,
  sha256: 'b'.repeat(64),
}

let api: ApiCaller
beforeAll(async () => {
  api = await openApiCaller(mediaRoutes)
})
afterAll(() => api.close())

describe('files', () => {
  it('are announced, described and deleted', async () => {
    const made = await api.call('securityManager', 'POST', '/files', upload)
    expect(made).toMatchObject({
      status: 201,
      body: { ...upload, state: 'uploading', uploadedBy: demo.users.securityManager },
    })
    const path = `/files/${String(made.body['id'])}`
    const described = await api.call('securityManager', 'PATCH', path, {
      alternativeText: 'The gate',
    })
    expect(described.body).toMatchObject({ alternativeText: 'The gate' })
    expect((await api.call('securityManager', 'DELETE', path)).status).toBe(204)
    expect((await api.call('securityManager', 'DELETE', path)).status).toBe(404)
    expect((await api.call('securityManager', 'GET', path)).status).toBe(404)
    const change = { alternativeText: null }
    expect((await api.call('securityManager', 'PATCH', path, change)).status).toBe(404)
  })

  it('are listed by state, with their forms', async () => {
    const { items } = await api.call('securityAnalyst', 'GET', '/files?state=ready')
    expect(items.map(({ id }) => id)).toEqual([file(1)])
    const forms = await api.call('securityAnalyst', 'GET', `/files/${file(1)}/variants`)
    expect(forms.items).toMatchObject([
      { kind: 'thumbnail', width: 160, height: 90, byteCount: 9000 },
      { kind: 'card', width: 320, height: 180, byteCount: 18_000 },
    ])
  })

  it.each([
    ['GET', ''],
    ['GET', '/variants'],
    ['DELETE', ''],
  ] as const)('of another tenant are not there: %s %s', async (method, part) => {
    expect((await api.call('securityAdmin', method, `/files/${file(1, 2)}${part}`)).status).toBe(
      404,
    )
  })

  it.each([
    ['a path', { originalName: '../../etc/passwd' }, '/body/originalName'],
    ['a page of script', { contentType: 'text/html' }, '/body/contentType'],
    ['a drawing with script', { contentType: 'image/svg+xml' }, '/body/contentType'],
    ['nothing', { byteCount: 0 }, '/body/byteCount'],
    ['more than fits', { byteCount: 104_857_601 }, '/body/byteCount'],
    ['another digest', { sha256: 'B'.repeat(64) }, '/body/sha256'],
    ['a place of its own', { storageKey: 'school/cover-1.jpg' }, '/body/storageKey'],
  ])('cannot be %s', async (_what, change, pointer) => {
    const reply = await api.call('securityAdmin', 'POST', '/files', { ...upload, ...change })
    expect(reply).toMatchObject({ status: 400, pointers: [pointer] })
  })

  it('are not written by who may only look', async () => {
    expect((await api.call('securityAnalyst', 'POST', '/files', upload)).status).toBe(403)
    expect((await api.call(null, 'GET', '/files')).status).toBe(401)
  })
})
