import type { Driver } from 'watertight/runtime'
import { seedOp } from '../world.js'
import { sqlText } from './operation.js'
import type { Operation, Row, Step } from './operation.js'

async function read(step: Step, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const { rows } = await step.tx.query<Row>(step.tenant.context, text, values)
  return rows
}

/** Exactly this many rows, all of them the tenant's. */
async function readExactly(
  step: Step,
  count: number,
  what: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<void> {
  const rows = await read(step, text, values)
  step.oracle.rows(step.tenant, rows, what)
  step.oracle.equal(rows.length, count, `rows of ${what}`)
}

/** What a connection says outside of any transaction; null when it cannot be had. */
async function lookAt(driver: Driver, text: string): Promise<unknown[] | null> {
  const session = await driver.acquire().catch(() => null)
  const flight = await session?.flight([{ text, values: [] }])
  session?.release(flight?.kind !== 'landed' || flight.status !== 'idle')
  return flight?.kind === 'landed' && flight.failure === null
    ? (flight.results[0]?.rows ?? [])
    : null
}

export const reads: readonly Operation[] = [
  {
    name: 'list',
    weight: 22,
    async run(step) {
      const { rows } = await step.tx.query<Row & { op: number }>(step.tenant.context, sqlText.list)
      step.oracle.rows(step.tenant, rows, 'list', 1)
      step.oracle.equal(rows[0]?.op, seedOp, 'first row of a list')
    },
  },
  {
    name: 'read by id',
    weight: 22,
    run: (step) =>
      readExactly(step, 1, 'read by id', 'select tenant_id, owner from chaos.notes where id = $1', [
        step.tenant.seedNote,
      ]),
  },
  {
    name: 'join',
    weight: 10,
    async run(step) {
      const rows = await read(
        step,
        `select n.tenant_id, l.owner from chaos.notes n join chaos.lines l on l.note_id = n.id
           where n.tenant_id = l.tenant_id`,
      )
      step.oracle.rows(step.tenant, rows, 'join')
      step.oracle.equal(rows.length, 2, 'rows of join')
    },
  },
  {
    name: 'tenants seen',
    weight: 4,
    run: (step) =>
      readExactly(
        step,
        1,
        'tenants seen',
        'select id as tenant_id, id as owner from chaos.tenants',
      ),
  },
  {
    name: 'aggregate',
    weight: 4,
    async run(step) {
      const rows = await read(
        step,
        `select tenant_id, owner from chaos.notes group by 1, 2
         union select tenant_id, owner from chaos.lines`,
      )
      step.oracle.rows(step.tenant, rows, 'aggregate', 1)
      step.oracle.equal(rows.length, 1, 'groups of aggregate')
    },
  },
  {
    name: 'foreign read by id',
    weight: 6,
    run: (step) =>
      readExactly(
        step,
        0,
        'foreign read by id',
        'select tenant_id, owner from chaos.notes where id = $1',
        [step.other.seedNote],
      ),
  },
  {
    name: 'foreign read by tenant',
    weight: 4,
    run: (step) =>
      readExactly(
        step,
        0,
        'foreign read by tenant',
        `select tenant_id, owner from chaos.notes where tenant_id = $1 or owner = $1
         union all select tenant_id, owner from chaos.counters where tenant_id = $1`,
        [step.other.id],
      ),
  },
  {
    name: 'unscoped',
    weight: 6,
    async run({ driver, oracle }) {
      const text = `select count(*)::int as rows,
        coalesce(current_setting('watertight.context', true), '') as context,
        current_setting('statement_timeout') as timeout, pg_current_xact_id_if_assigned() as xid,
        (select count(*)::int from pg_cursors where name <> '') as cursors from chaos.notes`
      // Past the manager, so that errors are not the manager's either.
      const found = await lookAt(driver, text)
      if (found === null) return
      const expected = { rows: 0, context: '', timeout: '0', xid: null, cursors: 0 }
      const state = JSON.stringify(found[0])
      if (state !== JSON.stringify(expected)) oracle.count('sessionState', state)
    },
  },
]
