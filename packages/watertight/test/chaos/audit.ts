import pg from 'pg'
import type { History } from './history.js'
import type { Oracle } from './oracle.js'
import type { World } from './world.js'
import { seedOp } from './world.js'

/** What the audit compared. */
export interface Audit {
  readonly notes: number
  readonly committed: number
  readonly failed: number
  readonly unknown: number
}

/** Compares, as superuser, what the tables hold with what the callers were told. */
export async function audit(world: World, history: History, oracle: Oracle): Promise<Audit> {
  await auditOwners(world, oracle)
  await auditSeeds(world, oracle)
  await auditCounters(world, history, oracle)
  return auditNotes(world, history, oracle)
}

async function auditOwners(world: World, oracle: Oracle): Promise<void> {
  const wrong = await world.inspect<{ name: string; count: number }>(
    `select 'notes' as name, count(*)::int from chaos.notes where tenant_id <> owner
     union all select 'lines', count(*)::int from chaos.lines where tenant_id <> owner
     union all select 'counters', count(*)::int from chaos.counters where tenant_id <> owner`,
  )
  for (const { name, count } of wrong) {
    oracle.count('wrongTenantWrites', `rows of ${name} under another tenant`, count)
  }
}

/** Nobody may touch the first note of a tenant; a missing or changed one was another's write. */
async function auditSeeds(world: World, oracle: Oracle): Promise<void> {
  const [seeds] = await world.inspect<{ intact: number }>(
    "select count(distinct tenant_id)::int as intact from chaos.notes where op = $1 and body = 'seed'",
    [seedOp],
  )
  const [lines] = await world.inspect<{ intact: number }>(
    'select count(*)::int as intact from chaos.lines',
  )
  const missing = world.tenants.length - (seeds?.intact ?? 0)
  oracle.count('wrongTenantWrites', 'first notes that are gone or changed', missing)
  const gone = Math.abs(2 * world.tenants.length - (lines?.intact ?? 0))
  oracle.count('wrongTenantWrites', 'lines that are gone or new', gone)
}

async function auditCounters(world: World, history: History, oracle: Oracle): Promise<void> {
  const rows = await world.inspect<{ tenant: string; n: number }>(
    'select tenant_id as tenant, n from chaos.counters',
  )
  const counters = new Map(rows.map(({ tenant, n }) => [tenant, n]))
  for (const { id, index } of world.tenants) {
    const n = counters.get(id) ?? -1
    const { least, most } = history.additionsOf(index)
    if (n < least || n > most) {
      oracle.count('wrongOutcomes', `counter of tenant ${index} is ${n}, not ${least} to ${most}`)
    }
  }
}

async function auditNotes(world: World, history: History, oracle: Oracle): Promise<Audit> {
  const found = new Uint32Array(history.operations)
  let notes = 0
  for await (const { op, tenant, count } of notesByOperation(world)) {
    notes += count
    if (op < 0 || op >= history.operations) {
      if (op !== seedOp) oracle.count('wrongOutcomes', `${count} rows of no operation: ${op}`)
      continue
    }
    found[op] = (found[op] ?? 0) + count
    if (world.tenants[history.tenantOf(op)]?.id !== tenant) {
      oracle.count('wrongTenantWrites', `operation ${op} wrote under ${tenant}`, count)
    }
  }
  const counts = { notes, committed: 0, failed: 0, unknown: 0 }
  for (let op = 0; op < history.operations; op += 1) {
    const status = history.statusOf(op)
    if (status === 'none') continue
    const rows = found[op] ?? 0
    const promised = history.rowsOf(op)
    if (status !== 'running') counts[status] += 1
    const isRight =
      status === 'committed'
        ? rows === promised
        : status === 'failed'
          ? rows === 0
          : rows === 0 || rows === promised
    if (!isRight) {
      oracle.count('wrongOutcomes', `operation ${op} is ${status}: ${rows} rows, not ${promised}`)
    }
  }
  return counts
}

interface OperationRows {
  readonly op: number
  readonly tenant: string
  readonly count: number
}

async function* notesByOperation(world: World): AsyncGenerator<OperationRows> {
  const client = new pg.Client({ connectionString: world.url })
  await client.connect()
  try {
    await client.query('begin')
    await client.query(
      `declare operations cursor for
         select op, tenant_id as tenant, count(*)::int from chaos.notes group by 1, 2`,
    )
    for (;;) {
      const { rows } = await client.query<OperationRows>('fetch 10000 from operations')
      if (rows.length === 0) return
      yield* rows
    }
  } finally {
    await client.end()
  }
}
