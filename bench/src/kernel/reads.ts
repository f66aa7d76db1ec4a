import type { Session } from 'watertight/runtime'
import { pgDriver } from 'watertight/pg'
import { literal, sql } from 'watertight/sql'
import { openPool } from '../adapters/pool.js'
import { backendTime } from '../backend-time.js'
import { withClient } from '../bench-server.js'
import type { Shops } from '../throughput/databases.js'
import { interleave, spreadOf } from '../throughput/rounds.js'
import { idOf } from '../throughput/shop.js'
import type { Figure } from './figure.js'

type Kind = 'no row level security' | 'plain context' | 'signed context' | typeof emptied

/** The rest is what verifying costs; no verification can be cheaper than this. */
const emptied = 'signed context, its function emptied'

const shopOf = {
  'no row level security': 'unscoped',
  'plain context': 'plain',
  'signed context': 'signed',
  [emptied]: 'signed',
} as const

const tenant = idOf('tenant', 0)
const definition = `select pg_get_functiondef('watertight.tenant_id()'::regprocedure) as text`
const empty = sql`create or replace function watertight.tenant_id() returns uuid
  language plpgsql stable parallel safe security definer
  set search_path = pg_catalog, pg_temp set debug_print_plan = off
  as $$ begin return ${literal(tenant)}; end $$`

/**
 * Processor time of the backend for a transaction that reads one row, context and read in one flight:
 * what PL/pgSQL sets up anew in each transaction shows here, and not in calls within one statement.
 */
export async function measureReads(
  shops: Shops,
  token: string,
  { reads, rows, rounds }: { reads: number; rows: number; rounds: number },
): Promise<readonly Figure[]> {
  return withClient(shops.adminUrls.signed, async (signed) => {
    const found = await signed.query<{ text: string }>(definition)
    const genuine = found.rows[0]?.text ?? ''
    const samples = await interleave(Object.keys(shopOf) as Kind[], rounds, async (kind) => {
      await signed.query(kind === emptied ? empty.text : genuine)
      const pool = openPool({ url: shops.urls[shopOf[kind]], poolSize: 1, ...shops })
      const session = await pgDriver(pool).acquire()
      try {
        return await microseconds(session, contextOf(kind, token), reads, rows)
      } finally {
        session.release(false)
        await pool.end()
      }
    })
    return [...samples].map(([name, each]) => ({ name, microseconds: spreadOf(each) }))
  })
}

type Statements = Parameters<Session['flight']>[0]

function contextOf(kind: Kind, token: string): Statements {
  if (kind === 'no row level security') return []
  if (kind === 'plain context') {
    return [{ text: `select set_config('app.tenant_id', $1, true)`, values: [tenant] }]
  }
  const text = `select where pg_catalog.set_config('watertight.context', $1, true) is null`
  return [{ text, values: [token] }]
}

async function microseconds(
  session: Session,
  context: Statements,
  reads: number,
  rows: number,
): Promise<number> {
  const text = 'select id, tenant_id, name, price, stock from shop.items where id = $1'
  const readAll = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      const values = [idOf('item', 0, index % rows)]
      const flight = await session.flight([...context, { text, values }])
      const found = flight.kind === 'landed' ? flight.results.at(-1)?.rows.length : 0
      if (found !== 1) throw new Error('A read of one row did not find it.')
    }
  }
  const asked = await session.flight([{ text: 'select pg_backend_pid() as pid', values: [] }])
  const row = asked.kind === 'landed' ? asked.results[0]?.rows[0] : undefined
  const { pid } = row as { pid: number }
  await readAll(500)
  const before = await backendTime([pid])
  await readAll(reads)
  return ((await backendTime([pid])) - before) / reads
}
