import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openApiCaller } from '../../test/api-caller.js'
import type { ApiCaller, ApiReply } from '../../test/api-caller.js'
import { demo } from '../demo-data/index.js'
import { eraserRole } from '../tenancy.js'
import { erasureRoutes } from '../tenants/erasure-routes.js'
import { archiveRoutes } from '../tenants/archive-routes.js'
import { eraseDue } from './erase-due.js'
import type { EraserLine } from './erase-due.js'

const { school, events } = demo.tenants
const names = new Map([
  [school, 'Lindenhof School'],
  [events, ''],
])

let api: ApiCaller
let eraser: pg.Client
beforeAll(async () => {
  api = await openApiCaller([...archiveRoutes, ...erasureRoutes])
  const { database } = api
  // Staff too, for a second pair of eyes.
  await database.admin.query('update core.users set is_platform_staff = true where id = $1', [
    demo.users.securityAdmin,
  ])
  const { rows } = await database.admin.query<{ name: string }>(
    'select name from core.tenants where id = $1',
    [events],
  )
  names.set(events, rows[0]?.name ?? '')
  eraser = await database.connect(eraserRole(database.templateRolePrefix ?? database.rolePrefix))
  for (const tenantId of names.keys()) {
    await staff('POST', `/platform/tenants/${tenantId}/archive`, endOf(tenantId))
  }
})
afterAll(() => api.close())

const staff = (method: 'GET' | 'POST', path: string, body?: object): Promise<ApiReply> =>
  api.call('platformWithoutGrant', method, path, body)
const lead = (method: 'GET' | 'POST', path: string, body?: object): Promise<ApiReply> =>
  api.call('securityAdmin', method, path, body)
const endOf = (tenantId: string): object => ({
  reason: 'The contract has ended.',
  confirm: names.get(tenantId),
})

/** Path of an erasure that two people have agreed on. */
async function approved(tenantId: string, note = 'Checked.'): Promise<string> {
  const wanted = { ...endOf(tenantId), exportTaken: true }
  const { body } = await staff('POST', `/platform/tenants/${tenantId}/erasures`, wanted)
  const path = `/platform/erasures/${String(body['id'])}`
  await lead('POST', `${path}/approve`, { confirm: names.get(tenantId), note })
  return path
}

describe('an erasure that was approved and then stopped', () => {
  it('still says who approved it, beside who stopped it', async () => {
    const path = await approved(school)
    const first = await staff('GET', path)
    expect(first.body).toMatchObject({
      status: 'approved',
      approvedBy: demo.users.securityAdmin,
      approvalNote: 'Checked.',
    })
    await staff('POST', `${path}/reject`, { note: 'Not yet.' })
    const { body } = await lead('GET', path)
    expect(body).toMatchObject({
      status: 'rejected',
      approvedBy: demo.users.securityAdmin,
      approvedAt: first.body['approvedAt'],
      approvalNote: 'Checked.',
      decidedBy: demo.users.platformSupport,
      decisionNote: 'Not yet.',
      filesRemovedAt: null,
    })
    expect(body['decidedAt']).not.toBe(body['approvedAt'])
  })

  it('that nobody had approved names nobody', async () => {
    const wanted = { ...endOf(school), exportTaken: true }
    const { body } = await staff('POST', `/platform/tenants/${school}/erasures`, wanted)
    const path = `/platform/erasures/${String(body['id'])}`
    await lead('POST', `${path}/reject`, { note: 'No.' })
    expect((await staff('GET', path)).body).toMatchObject({
      status: 'rejected',
      approvedBy: null,
      approvedAt: null,
      decidedBy: demo.users.securityAdmin,
    })
  })
})

describe('files of erased tenants', () => {
  const removed: string[] = []
  let broken: ReadonlySet<string> = new Set()
  const storage = {
    async removeTenant(tenantId: string): Promise<void> {
      if (broken.has(tenantId)) throw Object.assign(new Error('denied'), { code: 'EACCES' })
      removed.push(tenantId)
    },
  }
  const paths = new Map<string, string>()
  const filesOf = async (tenantId: string): Promise<unknown> =>
    (await staff('GET', paths.get(tenantId) ?? '')).body['filesRemovedAt']

  async function round(): Promise<readonly EraserLine[]> {
    const lines: EraserLine[] = []
    await eraseDue(eraser, storage, (line) => lines.push(line))
    return lines
  }

  it('that cannot be removed keep no other files from it, and are not noted as gone', async () => {
    for (const tenantId of names.keys()) paths.set(tenantId, await approved(tenantId))
    await api.database.admin.query(
      `update core.erasures set due_at = now() - interval '1 second' where status = 'approved'`,
    )
    broken = new Set([school])
    const lines = await round()
    expect(lines).toContainEqual({ tenantId: school, outcome: 'files_left', code: 'EACCES' })
    expect(lines).toContainEqual({ tenantId: events, outcome: 'files_removed' })
    expect(removed).toEqual([events])
    expect(await filesOf(school)).toBeNull()
    expect(await filesOf(events)).toEqual(expect.any(String))
  })

  it('are removed however late, as after a crash between the commit and their removal', async () => {
    // As the owner could not by itself: both were erased a month ago.
    const { admin } = api.database
    await admin.query(`set session_replication_role = 'replica'`)
    await admin.query(
      `update core.erasures set finished_at = now() - interval '30 days' where status = 'erased'`,
    )
    await admin.query(`set session_replication_role = 'origin'`)
    broken = new Set()
    removed.length = 0
    expect(await round()).toEqual([{ tenantId: school, outcome: 'files_removed' }])
    expect(removed).toEqual([school])
    expect(await round()).toEqual([])
    expect(removed).toEqual([school])
  })

  it('are noted once, and the proof stays as it is', async () => {
    const noted = await filesOf(school)
    expect(noted).toEqual(expect.any(String))
    const { rows } = await eraser.query('select ops.note_files_removed($1) as noted', [school])
    expect(rows).toEqual([{ noted: false }])
    expect(await filesOf(school)).toBe(noted)
    for (const change of ['files_removed_at = now()', 'files_removed_at = null', 'attempts = 9']) {
      await expect(
        api.database.admin.query(`update core.erasures set ${change} where status = 'erased'`),
      ).rejects.toMatchObject({ code: '23001' })
    }
  })

  it('are noted by the eraser alone', async () => {
    const { database } = api
    for (const mode of ['app', 'worker', 'auditor', 'platform', 'public'] as const) {
      const client = await database.connect(database.role(mode))
      const attempt = client.query('select ops.note_files_removed($1)', [school])
      await expect(attempt).rejects.toMatchObject({ code: '42501' })
      await client.end()
    }
  })
})
