import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseTenantContext } from 'watertight/runtime'
import type { PlatformDatabase } from '../../test/platform-database.js'
import { createPlatformDatabase } from '../../test/platform-database.js'
import { roleUrls } from '../../test/role-urls.js'
import { openTxManager } from '../boot/open-tx-manager.js'
import type { OpenTxManager } from '../boot/open-tx-manager.js'
import { demo, demoActors } from '../demo-data/index.js'
import { appendAuditEntry } from './append-audit-entry.js'
import type { AuditEntry } from './audit-entry.js'
import type { ChainAnchor, ChainVerdict } from './verify-chain.js'
import { verifyChain } from './verify-chain.js'

const tenantId = demo.tenants.security
const columns = `id, tenant_id, occurred_at, chain_position, previous_hash, entry_hash, actor_id,
  actor_role, action, target_type, target_id, outcome, correlation_id, client_address, detail`

let database: PlatformDatabase
let opened: OpenTxManager

beforeAll(async () => {
  database = await createPlatformDatabase()
  opened = await openTxManager(roleUrls(database), database.signingKey, 8)
  // What an owner can do: triggers, foreign keys and policies do not stop them.
  await database.admin.query('set session_replication_role = replica')
  await database.admin.query('create temp table kept as select * from ops.audit_log')
  await database.admin.query('create temp table kept_heads as select * from ops.audit_heads')
})
beforeEach(async () => {
  await database.admin.query('delete from ops.audit_log; delete from ops.audit_heads')
  await database.admin.query('insert into ops.audit_log select * from kept')
  await database.admin.query('insert into ops.audit_heads select * from kept_heads')
})
afterAll(async () => {
  await opened.close()
  await database.drop()
})

function entry(change: Partial<AuditEntry> = {}): AuditEntry {
  return {
    tenantId,
    actorId: demo.users.securityAdmin,
    actorRole: null,
    action: 'asset.approve',
    targetType: 'asset',
    targetId: randomUUID(),
    outcome: 'allowed',
    correlationId: randomUUID(),
    clientAddress: '192.0.2.7',
    detail: { note: 'ü "quoted"', count: 1.5 },
    ...change,
  }
}

function append(change: Partial<AuditEntry> = {}): Promise<unknown> {
  const context = parseTenantContext(demoActors.securityAdmin.claims)
  return opened.tx.run(context, (tx) => appendAuditEntry(tx, entry(change)))
}

function verify(anchor: ChainAnchor | null = null, tenant = tenantId): Promise<ChainVerdict> {
  const worker = parseTenantContext({ mode: 'worker', tenantId: tenant, orgScope: 'all' })
  return opened.tx.run(worker, (tx) => verifyChain(tx, tenant, anchor), { readOnly: true })
}

describe('the audit chain of a tenant', () => {
  it('holds for the demo data, whatever the time zone of who verifies', async () => {
    expect(await verify()).toMatchObject({ intact: true, verified: 6, fault: null })
    const worker = parseTenantContext({ mode: 'worker', tenantId, orgScope: 'all' })
    const verdict = await opened.tx.run(worker, async (tx) => {
      await tx.query(`set local timezone = 'Pacific/Chatham'`)
      return verifyChain(tx, tenantId)
    })
    expect(verdict.intact).toBe(true)
  })

  it('starts with the first entry of a tenant that has none', async () => {
    await database.admin.query('delete from ops.audit_log; delete from ops.audit_heads')
    expect(await verify()).toEqual({ intact: true, verified: 0, fault: null, head: null })
    await append()
    await append({ clientAddress: null, targetId: null, actorId: null, actorRole: 'public' })
    expect(await verify()).toMatchObject({ intact: true, verified: 2, head: { position: 2 } })
  })

  it('records the role of the membership', async () => {
    await append()
    const { rows } = await database.admin.query(
      'select actor_role from ops.audit_log where tenant_id = $1 order by chain_position desc limit 1',
      [tenantId],
    )
    expect(rows).toEqual([{ actor_role: 'tenant_admin' }])
  })

  it('has no entry of a change that was rolled back', async () => {
    const context = parseTenantContext(demoActors.securityAdmin.claims)
    const failed = opened.tx.run(context, async (tx) => {
      await appendAuditEntry(tx, entry())
      throw new Error('undone')
    })
    await expect(failed).rejects.toThrow('undone')
    expect(await verify()).toMatchObject({ intact: true, verified: 6 })
  })

  it('never forks under a thousand writers at once', async () => {
    await Promise.all(Array.from({ length: 1000 }, () => append()))
    expect(await verify()).toMatchObject({ intact: true, verified: 1006, head: { position: 1006 } })
    const { rows } = await database.admin.query(
      `select count(*)::int as entries, count(distinct chain_position)::int as positions,
         count(distinct previous_hash)::int as links from ops.audit_log where tenant_id = $1`,
      [tenantId],
    )
    expect(rows).toEqual([{ entries: 1006, positions: 1006, links: 1005 }])
  })

  it('forks when its writers read the last entry and do not take the head: the control', async () => {
    const context = parseTenantContext(demoActors.securityAdmin.claims)
    let waiting = 2
    let go: () => void = () => undefined
    const bothHaveRead = new Promise<void>((resolve) => (go = resolve))
    const write = (seconds: number): Promise<unknown> =>
      opened.tx.run(context, async (tx) => {
        const { rows } = await tx.query<{ last: string }>(
          'select max(chain_position)::text as last from ops.audit_log',
        )
        waiting -= 1
        if (waiting === 0) go()
        await bothHaveRead
        await tx.query(
          `insert into ops.audit_log (${columns}) select gen_random_uuid(), tenant_id,
             clock_timestamp() + make_interval(secs => $2), $1::bigint + 1, entry_hash, entry_hash, actor_id, actor_role, action,
             target_type, target_id, outcome, correlation_id, client_address, detail
           from ops.audit_log where chain_position = $1`,
          [rows[0]?.last, seconds],
        )
      })
    // The times differ: a place that is given twice within one microsecond is refused by a key.
    await Promise.all([write(0), write(1)])
    const { rows } = await database.admin.query(
      'select count(*)::int as n from ops.audit_log where tenant_id = $1 and chain_position = 7',
      [tenantId],
    )
    expect(rows).toEqual([{ n: 2 }])
    expect(await verify()).toMatchObject({ intact: false, verified: 6 })
  })

  it('cannot be written for another tenant', async () => {
    await expect(append({ tenantId: demo.tenants.school })).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    })
  })
})

describe('tampering as the owner of the tables is found', () => {
  it.each<[string, string, number, string]>([
    ['an edited action', `set action = 'asset.read'`, 3, 'altered'],
    ['an edited outcome', `set outcome = 'failed'`, 3, 'altered'],
    [
      'an edited time, by a microsecond',
      `set occurred_at = occurred_at + interval '1 us'`,
      3,
      'altered',
    ],
    ['another actor', 'set actor_id = null', 3, 'altered'],
    ['another role', `set actor_role = 'member'`, 3, 'altered'],
    ['another type of target', `set target_type = 'other'`, 3, 'altered'],
    ['another target', 'set target_id = null', 3, 'altered'],
    ['another request', 'set correlation_id = gen_random_uuid()', 3, 'altered'],
    ['another address', `set client_address = '192.0.2.8'`, 3, 'altered'],
    ['another detail', `set detail = '{"x": 1}'`, 3, 'altered'],
    ['another id', 'set id = gen_random_uuid()', 3, 'altered'],
    ['another hash', `set entry_hash = sha256('x')`, 3, 'altered'],
    ['another link', `set previous_hash = sha256('x')`, 3, 'altered'],
    ['a position given twice', 'set chain_position = 2', 3, 'repeated'],
  ])('%s', async (_what, change, position, kind) => {
    await database.admin.query(
      `update ops.audit_log ${change} where tenant_id = $1 and chain_position = 3`,
      [tenantId],
    )
    expect(await verify()).toMatchObject({ intact: false, fault: { position, kind } })
    // The chains of others are theirs.
    expect(await verify(null, demo.tenants.school)).toMatchObject({ intact: true })
  })

  it.each<[string, string, number, string]>([
    [
      'an entry deleted in the middle',
      'delete from ops.audit_log where chain_position = 3',
      3,
      'missing',
    ],
    ['the first entry deleted', 'delete from ops.audit_log where chain_position = 1', 1, 'missing'],
    [
      'the last entry deleted',
      'delete from ops.audit_log where chain_position = 6',
      6,
      'truncated',
    ],
    ['a partition emptied', 'truncate ops.audit_log_2026_10', 3, 'missing'],
    ['everything deleted', 'delete from ops.audit_log', 1, 'truncated'],
    ['the head deleted', 'delete from ops.audit_heads', 7, 'truncated'],
    [
      'two entries swapped',
      `update ops.audit_log set chain_position = case chain_position when 2 then 3 else 2 end
       where chain_position in (2, 3)`,
      2,
      'altered',
    ],
    ['another head', `update ops.audit_heads set entry_hash = sha256('x')`, 6, 'unlinked'],
    [
      'an entry put in without its hash',
      `insert into ops.audit_log (${columns}) select gen_random_uuid(), tenant_id, occurred_at, 7,
         entry_hash, entry_hash, actor_id, actor_role, action, target_type, target_id, outcome,
         correlation_id, client_address, detail from ops.audit_log where chain_position = 6`,
      7,
      'altered',
    ],
  ])('%s', async (_what, statement, position, kind) => {
    await database.admin.query(statement)
    expect(await verify()).toMatchObject({ intact: false, fault: { position, kind } })
  })

  it('a tail cut off with its head, by whoever kept an anchor', async () => {
    const { head } = await verify()
    await database.admin.query(
      `delete from ops.audit_log where chain_position > 4;
       update ops.audit_heads h set chain_position = 4, previous_hash = e.previous_hash,
         entry_hash = e.entry_hash from ops.audit_log e
       where e.tenant_id = h.tenant_id and e.chain_position = 4`,
    )
    expect(await verify()).toMatchObject({ intact: true, verified: 4 })
    expect(await verify(head)).toMatchObject({
      intact: false,
      fault: { position: 6, kind: 'truncated' },
    })
  })

  it('a chain written anew, by whoever kept an anchor', async () => {
    const { head } = await verify()
    await database.admin.query('delete from ops.audit_log; delete from ops.audit_heads')
    for (let count = 0; count < 7; count += 1) await append()
    expect(await verify()).toMatchObject({ intact: true, verified: 7 })
    expect(await verify(head)).toMatchObject({ fault: { position: 6, kind: 'replaced' } })
  })
})
