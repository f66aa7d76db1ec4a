import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCaller } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import { demo } from '../demo-data/index.js'
import { auditRoutes } from './audit-routes.js'

let api: ApiCaller
let entries: readonly Record<string, unknown>[]

beforeAll(async () => {
  api = await openApiCaller(auditRoutes)
  entries = (await api.call('securityAdmin', 'GET', '/audit')).items.toReversed()
})
afterAll(() => api.close())

function path(entry: Record<string, unknown> | undefined): string {
  return `/audit/${String(entry?.['id'])}`
}

describe('an entry of the audit log', () => {
  it('is found by its id, with the hashes of the entries beside it in the chain', async () => {
    const [before, entry, after] = entries
    const reply = await api.call('securityAdmin', 'GET', path(entry))
    expect(reply.status).toBe(200)
    expect(reply.body).toMatchObject({
      ...entry,
      previousHash: before?.['entryHash'],
      previous: { id: before?.['id'], position: 1, entryHash: before?.['entryHash'] },
      next: { id: after?.['id'], position: 3, entryHash: after?.['entryHash'] },
    })
  })

  it('has nothing before it at the beginning of the chain, and nothing after it at the end', async () => {
    const first = await api.call('securityAdmin', 'GET', path(entries[0]))
    expect(first.body).toMatchObject({ position: 1, previousHash: null, previous: null })
    const last = await api.call('securityAdmin', 'GET', path(entries.at(-1)))
    expect(last.body).toMatchObject({ position: entries.length, next: null })
  })

  it('of another tenant is not found, as one that nobody has', async () => {
    const theirs = await api.call('schoolAdmin', 'GET', path(entries[1]))
    const nobodys = await api.call('schoolAdmin', 'GET', `/audit/${randomUUID()}`)
    expect([theirs.status, nobodys.status]).toEqual([404, 404])
    expect((await api.call('securityAnalyst', 'GET', path(entries[1]))).status).toBe(403)
    expect((await api.call('securityAdmin', 'GET', '/audit/x')).status).toBe(400)
  })

  it('tells an auditor the role that acted, not who it was', async () => {
    const entry = entries.find(({ actorId }) => actorId === demo.users.securityAdmin)
    const { status, body } = await api.call('auditorLive', 'GET', path(entry))
    expect(status).toBe(200)
    expect(body).toMatchObject({
      actorId: null,
      clientAddress: null,
      detail: null,
      actorRole: entry?.['actorRole'],
      entryHash: entry?.['entryHash'],
    })
    const list = await api.call('auditorLive', 'GET', '/audit')
    expect(list.items.every(({ actorId }) => actorId === null)).toBe(true)
    const csv = await api.call('auditorLive', 'GET', '/audit/export')
    expect(csv.text).not.toContain(demo.users.securityAdmin)
  })
})
