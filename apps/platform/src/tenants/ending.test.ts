import { createHash } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openApiCaller } from '../../test/api-caller.js'
import type { ApiCaller, ApiReply } from '../../test/api-caller.js'
import { tenantRowCounts, total } from '../../test/tenant-row-counts.js'
import type { RowCounts } from '../../test/tenant-row-counts.js'
import { demo } from '../demo-data/index.js'
import type { DemoActorKey } from '../demo-data/index.js'
import { eraseDue } from '../eraser/erase-due.js'
import { keyRoutes } from '../keys/key-routes.js'
import { eraserRole } from '../tenancy.js'
import { lifecycleRoutes } from './routes.js'

const { school, security } = demo.tenants
const schoolName = 'Lindenhof School'

let api: ApiCaller
let eraser: pg.Client
beforeAll(async () => {
  api = await openApiCaller([...lifecycleRoutes, ...keyRoutes])
  // Staff too, for a second pair of eyes.
  await rows('update core.users set is_platform_staff = true where id = $1', [
    demo.users.eventsAdmin,
  ])
  const { database } = api
  eraser = await database.connect(eraserRole(database.templateRolePrefix ?? database.rolePrefix))
})
afterAll(() => api.close())

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

const by =
  (actor: DemoActorKey) =>
  (method: Method, path: string, body?: object): Promise<ApiReply> =>
    api.call(actor, method, path, body)
const lead = by('eventsAdmin')
const staff = by('platformWithoutGrant')
const admin = by('schoolAdmin')

async function rows<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await api.database.admin.query(text, values)).rows as Row[]
}

const countsOf = (tenantId: string): Promise<RowCounts> =>
  tenantRowCounts(api.database.admin, tenantId)

async function due(id: string): Promise<void> {
  await rows(`update core.erasures set due_at = now() - interval '1 second' where id = $1`, [id])
}

const archiving = { reason: 'The contract has ended.', confirm: schoolName }
const erasing = { ...archiving, exportTaken: true }
const ofSchool = `/platform/tenants/${school}`

describe('archiving a tenant', () => {
  it('needs its name, and keeps the reason', async () => {
    const mistyped = await staff('POST', `${ofSchool}/archive`, { ...archiving, confirm: 'School' })
    expect(mistyped).toMatchObject({ status: 400, pointers: ['/body/confirm'] })
    expect((await admin('POST', `${ofSchool}/archive`, archiving)).status).toBe(403)
    expect(await staff('POST', `${ofSchool}/archive`, archiving)).toMatchObject({
      status: 200,
      body: { status: 'archived', archiveReason: archiving.reason, suspendedAt: null },
    })
    expect((await staff('POST', `${ofSchool}/archive`, archiving)).status).toBe(409)
  })

  it('closes it in the database, until it is restored', async () => {
    expect((await admin('GET', '/keys')).status).not.toBe(200)
    expect((await staff('POST', `${ofSchool}/resume`)).status).toBe(409)
    expect(await staff('POST', `${ofSchool}/restore`)).toMatchObject({
      status: 200,
      body: { status: 'active', archivedAt: null, archiveReason: null },
    })
    expect((await admin('GET', '/keys')).status).toBe(200)
    const log = await rows<{ action: string }>(
      `select action from ops.audit_log where tenant_id = $1 order by chain_position desc limit 2`,
      [school],
    )
    expect(log.map(({ action }) => action)).toEqual(['tenant.restore', 'tenant.archive'])
  })

  it('is asked for by its administrator and decided by staff', async () => {
    expect((await by('schoolManager')('POST', '/archive-requests', archiving)).status).toBe(403)
    const asked = await admin('POST', '/archive-requests', archiving)
    expect(asked).toMatchObject({ status: 201, body: { status: 'pending' } })
    expect((await admin('POST', '/archive-requests', archiving)).status).toBe(409)
    const id = String(asked.body['id'])
    expect((await admin('GET', '/archive-requests')).items[0]).toMatchObject({ id })
    const pending = await staff('GET', '/platform/archive-requests?status=pending')
    expect(pending.items).toMatchObject([{ id, tenantId: school, tenantName: schoolName }])
    const elsewhere = `/platform/tenants/${security}/archive-requests/${id}`
    expect((await staff('POST', `${elsewhere}/approve`, {})).status).toBe(404)
    const path = `${ofSchool}/archive-requests/${id}`
    expect((await admin('POST', `${path}/approve`, {})).status).toBe(403)
    expect(await staff('POST', `${path}/approve`, {})).toMatchObject({
      status: 200,
      body: { status: 'archived', archiveReason: archiving.reason },
    })
    expect((await staff('POST', `${path}/reject`, { note: 'late' })).status).toBe(409)
    await staff('POST', `${ofSchool}/restore`)
  })

  it('is not decided by the one who asked', async () => {
    const [own] = await rows<{ id: string }>(
      `insert into core.archive_requests (tenant_id, reason, requested_by)
       values ($1, 'mine', $2) returning id`,
      [school, demo.users.platformSupport],
    )
    const path = `${ofSchool}/archive-requests/${own?.id ?? ''}`
    expect((await staff('POST', `${path}/approve`, {})).status).toBe(409)
    expect((await lead('POST', `${path}/reject`, { note: 'no' })).status).toBe(200)
  })
})

describe('an erasure', () => {
  it('is of archived tenants, by their name, without a hold, and one at a time', async () => {
    const path = `${ofSchool}/erasures`
    expect(await staff('POST', path, erasing)).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    })
    await staff('POST', `${ofSchool}/archive`, archiving)
    expect((await staff('POST', path, { ...erasing, exportTaken: undefined })).status).toBe(400)
    expect(await staff('POST', path, { ...erasing, confirm: 'lindenhof school' })).toMatchObject({
      status: 400,
      pointers: ['/body/confirm'],
    })
    await staff('PUT', `${ofSchool}/legal-hold`, { reason: 'Case 7' })
    expect(await staff('POST', path, erasing)).toMatchObject({
      status: 409,
      body: { code: 'LEGAL_HOLD' },
    })
    await staff('DELETE', `${ofSchool}/legal-hold`)
    expect((await admin('POST', path, erasing)).status).toBe(403)
    const unknown = '/platform/tenants/00000000-0000-4000-8000-000000000000/erasures'
    expect((await staff('POST', unknown, erasing)).status).toBe(404)
    expect(await staff('POST', path, erasing)).toMatchObject({
      status: 201,
      body: { status: 'pending', exportTaken: true },
    })
    expect((await staff('POST', path, erasing)).status).toBe(409)
  })

  it('needs a second person, who types the name too', async () => {
    const path = await pendingErasure()
    const confirm = schoolName
    expect(await staff('POST', `${path}/approve`, { confirm })).toMatchObject({ status: 409 })
    expect((await lead('POST', `${path}/approve`, { confirm: 'Northgate' })).status).toBe(400)
    expect((await admin('POST', `${path}/approve`, { confirm })).status).toBe(403)
    expect(await lead('POST', `${path}/approve`, { confirm })).toMatchObject({
      status: 200,
      body: { status: 'approved', decidedBy: demo.users.eventsAdmin },
    })
    expect((await lead('POST', `${path}/approve`, { confirm })).status).toBe(409)
  })

  it('is not approved by the one who asked, even past the functions', async () => {
    const [open] = await rows<{ id: string; by: string }>(
      `select id, requested_by as by from core.erasures where status = 'approved'`,
    )
    const statement = 'update core.erasures set decided_by = $2 where id = $1'
    await expect(rows(statement, [open?.id, open?.by])).rejects.toMatchObject({ code: '23514' })
  })

  it('waits for its time, and is stopped until then', async () => {
    expect(await eraseDue(eraser, null)).toBe(0)
    const path = await openErasure()
    expect(await staff('POST', `${path}/reject`, { note: 'Not yet.' })).toMatchObject({
      status: 200,
      body: { status: 'rejected' },
    })
    await due(path.split('/').at(-1) ?? '')
    expect(await eraseDue(eraser, null)).toBe(0)
  })

  it.each([
    ['a hold that was placed since', 'LEGAL_HOLD'],
    ['a tenant that was restored since', 'NOT_ARCHIVED'],
  ])('is halted by %s', async (_what, failure) => {
    const id = await approvedErasure()
    const before = await countsOf(school)
    if (failure === 'LEGAL_HOLD') {
      await staff('PUT', `${ofSchool}/legal-hold`, { reason: 'Case 8' })
    } else await staff('POST', `${ofSchool}/restore`)
    await due(id)
    const log: object[] = []
    expect(await eraseDue(eraser, null, (line) => log.push(line))).toBe(0)
    expect(log).toEqual([{ erasureId: id, outcome: 'halted' }])
    const shown = await staff('GET', `/platform/erasures/${id}`)
    expect(shown.body).toMatchObject({ status: 'halted', failure, proof: null })
    expect(total(await countsOf(school))).toBeGreaterThanOrEqual(total(before))
    if (failure === 'LEGAL_HOLD') await staff('DELETE', `${ofSchool}/legal-hold`)
    else await staff('POST', `${ofSchool}/archive`, archiving)
  })

  it('cannot be done by any role of a request or of a job', async () => {
    const id = await approvedErasure()
    await due(id)
    const { database } = api
    for (const mode of ['app', 'worker', 'auditor', 'platform', 'public'] as const) {
      const client = await database.connect(database.role(mode))
      for (const call of [
        'erase_tenant($1)',
        'tenant_row_counts($1)',
        `note_failed_erasure($1,'X')`,
      ]) {
        const attempt = client.query(`select ops.${call}`, [id])
        await expect(attempt).rejects.toMatchObject({ code: '42501' })
      }
      await expect(client.query('select from core.erasures')).rejects.toMatchObject({
        code: '42501',
      })
      await client.end()
    }
    // What keeps them out is the missing EXECUTE: with it, the call is answered.
    await database.admin.query('begin')
    await database.admin.query(
      `grant execute on function ops.tenant_row_counts(uuid) to ${database.role('worker')}`,
    )
    await database.admin.query(`set local role ${database.role('worker')}`)
    expect((await rows('select ops.tenant_row_counts($1) as counts', [school])).length).toBe(1)
    await database.admin.query('rollback')
  })

  it('is all that the eraser may do', async () => {
    for (const statement of [
      'select from core.tenants',
      'delete from sec.assets',
      'select from core.erasures',
      'select core.tenant_directory()',
      `select ops.tenants_with_work('mail')`,
      'set role postgres',
    ]) {
      await expect(eraser.query(statement)).rejects.toMatchObject({ code: '42501' })
    }
    const [role] = await rows<object>(
      `select rolsuper, rolbypassrls, rolcreaterole,
         exists (select from pg_auth_members where member = r.oid) as is_member
       from pg_roles r where rolname = $1`,
      [eraser.user],
    )
    expect(role).toEqual({
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      is_member: false,
    })
  })

  it('that breaks in the middle has done nothing, says why, and is done later', async () => {
    const before = await countsOf(school)
    // A row of the tenant that nothing declares stands against the last deletion.
    await rows('create table public.strays (tenant_id uuid references core.tenants)')
    await rows('insert into public.strays values ($1)', [school])
    expect(await eraseDue(eraser, null)).toBe(0)
    expect(await countsOf(school)).toEqual(before)
    const open = (await staff('GET', '/platform/erasures?status=approved')).items[0]
    expect(open).toMatchObject({ failure: 'SQLSTATE_23503', attempts: 1 })
    await rows('drop table public.strays')
  })

  it.each([
    [
      'a hold is placed',
      'insert into core.legal_holds (tenant_id, reason, placed_by) values ($1, $2, $3)',
      'update core.legal_holds set released_by = placed_by, released_at = now() where released_at is null and tenant_id = $1',
    ],
    [
      'the tenant is restored',
      `update core.tenants set status = 'active', archived_at = null, archive_reason = null
       where id = $1 and $2 <> '' and $3::uuid is not null`,
      `update core.tenants set status = 'archived', archived_at = now(), archive_reason = 'ended' where id = $1`,
    ],
  ])('has done nothing when %s while it runs', async (_what, change, undo) => {
    const [open] = await rows<{ id: string }>(
      `select id from core.erasures where status = 'approved'`,
    )
    await due(open?.id ?? '')
    const before = await countsOf(school)
    // It has looked for holds, and waits for this lock before it comes to them.
    const blocker = await api.database.connect()
    await blocker.query('begin; lock table ops.outbox in share mode')
    const { rows: backends } = await eraser.query<{ pid: number }>('select pg_backend_pid() as pid')
    const attempt = eraseDue(eraser, null)
    const waits = `select from pg_locks where pid = $1 and not granted`
    while ((await rows(waits, [backends[0]?.pid])).length === 0)
      await new Promise((next) => setTimeout(next, 5))
    await rows(change, [school, 'Case 9', demo.users.eventsAdmin])
    await blocker.query('rollback')
    await blocker.end()
    expect(await attempt).toBe(0)
    expect(total(await countsOf(school))).toBeGreaterThanOrEqual(total(before))
    await rows(undo, [school])
  })

  it('whose process is killed in the middle has done nothing, and is done later', async () => {
    const [open] = await rows<{ id: string }>(
      `select id from core.erasures where status = 'approved'`,
    )
    await due(open?.id ?? '')
    const before = await countsOf(school)
    // The last statement waits for this lock, so that everything else is deleted and not committed.
    const blocker = await api.database.connect()
    await blocker.query('begin; lock table core.memberships in share mode')
    const victim = await api.database.connect(eraser.user)
    victim.on('error', () => undefined)
    const { rows: backends } = await victim.query<{ pid: number }>('select pg_backend_pid() as pid')
    const pid = backends[0]?.pid
    const attempt = eraseDue(victim, null).catch((error: unknown) => error)
    const waits = `select from pg_locks where pid = $1 and not granted`
    while ((await rows(waits, [pid])).length === 0) await new Promise((next) => setTimeout(next, 5))
    await rows('select pg_terminate_backend($1)', [pid])
    expect(await attempt).toBeInstanceOf(Error)
    await blocker.query('rollback')
    await blocker.end()
    expect(await countsOf(school)).toEqual(before)
  })

  it('deletes every row of the tenant once, and none of others, and keeps the proof', async () => {
    const before = await countsOf(school)
    const others = await Promise.all([security, demo.tenants.events].map(countsOf))
    const [people] = await rows('select count(*)::int as users from core.users')
    const [head] = await rows<{ position: string; hash: string }>(
      `select chain_position::text as position, encode(entry_hash, 'hex') as hash
       from ops.audit_heads where tenant_id = $1`,
      [school],
    )
    const removed: string[] = []
    const storage = { removeTenant: async (id: string) => void removed.push(id) }
    const second = await api.database.connect(eraser.user)
    const done = await Promise.all([eraseDue(eraser, storage), eraseDue(second, storage)])
    expect(done.toSorted()).toEqual([0, 1])
    expect(new Set(removed)).toEqual(new Set([school]))
    expect(total(await countsOf(school))).toBe(0)
    expect(await Promise.all([security, demo.tenants.events].map(countsOf))).toEqual(others)
    expect(await rows('select count(*)::int as users from core.users')).toEqual([people])
    expect((await staff('GET', ofSchool)).status).toBe(404)

    const [erasure] = (await lead('GET', '/platform/erasures?status=erased')).items
    const path = `/platform/erasures/${String(erasure?.['id'])}`
    const { body } = await lead('GET', path)
    const proof = String(body['proof'])
    expect(createHash('sha256').update(proof).digest('hex')).toBe(body['proofSha256'])
    const { finishedAt, ...told } = JSON.parse(proof) as Record<string, unknown>
    expect(typeof finishedAt).toBe('string')
    expect(told).toMatchObject({
      tenantId: school,
      tenantName: schoolName,
      requestedBy: demo.users.platformSupport,
      approvedBy: demo.users.eventsAdmin,
      exportTaken: true,
      auditChain: { position: Number(head?.position), hash: head?.hash },
      before,
      deleted: before,
    })
    expect(total(told['after'] as RowCounts)).toBe(0)
    expect((await admin('GET', path)).status).toBe(403)
    expect((await api.call(null, 'GET', path)).status).toBe(401)
  })

  it('leaves a proof that nobody changes', async () => {
    for (const statement of [
      `update core.erasures set proof = '{}', proof_sha256 = sha256('{}') where status = 'erased'`,
      `delete from core.erasures where status = 'erased'`,
    ]) {
      await expect(rows(statement)).rejects.toMatchObject({ code: '23001' })
    }
  })

  it('knows every table that holds rows of tenants', async () => {
    const { model } = api.database
    const declared = model.tables.filter(({ scope, table }) => {
      const name = `${table.schema}.${table.name}`
      return scope !== 'global' && !platformsOwn.test(name)
    })
    const names = declared.map(({ table }) => `${table.schema}.${table.name}`)
    expect(Object.keys(await countsOf(school)).toSorted()).toEqual(names.toSorted())
  })

  const platformsOwn = /^core\.(users|organization_requests|erasures|request_keys)$/

  async function openErasure(): Promise<string> {
    const [item] = (await staff('GET', '/platform/erasures?status=approved')).items
    return `/platform/erasures/${String(item?.['id'])}`
  }

  async function pendingErasure(): Promise<string> {
    const [item] = (await staff('GET', '/platform/erasures?status=pending')).items
    return `/platform/erasures/${String(item?.['id'])}`
  }

  async function approvedErasure(): Promise<string> {
    const { body } = await staff('POST', `${ofSchool}/erasures`, erasing)
    const id = String(body['id'])
    await lead('POST', `/platform/erasures/${id}/approve`, { confirm: schoolName })
    return id
  }
})
