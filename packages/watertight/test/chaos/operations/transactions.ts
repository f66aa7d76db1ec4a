import type { Transaction } from 'watertight/runtime'
import { Deliberate } from '../oracle.js'
import { noteOf, refused, sqlText } from './operation.js'
import type { Operation, Row, Step } from './operation.js'

async function insert(step: Step, handle: Transaction): Promise<void> {
  const { rows } = await handle.query<Row>(sqlText.insert, noteOf(step))
  step.oracle.rows(step.tenant, rows, 'insert in a transaction', 1)
}

async function readOwn(step: Step, handle: Transaction, expected: number): Promise<void> {
  const { rows } = await handle.query<Row>(sqlText.own, [step.op])
  step.oracle.rows(step.tenant, rows, 'own rows in a transaction')
  step.oracle.equal(rows.length, expected, 'own rows in a transaction')
}

/** Nested runs that keep or undo what they wrote; resolves to the rows that stay. */
async function nest(step: Step, handle: Transaction, depth: number): Promise<number> {
  let kept = 0
  for (let part = 1 + step.random.int(2); part > 0; part -= 1) {
    await insert(step, handle)
    kept += 1
    if (depth === 0) continue
    const ending = step.random.pick(['keep', 'throw', 'fail'] as const)
    const inner = step.tx.run(step.tenant.context, async (nested) => {
      const rows = await nest(step, nested, depth - 1)
      if (ending === 'throw') throw new Deliberate()
      if (ending === 'fail') await nested.query('select 1 / 0')
      return rows
    })
    if (ending === 'keep') kept += await inner
    else await undone(step, inner, ending)
  }
  await readOwnAtLeast(step, handle, kept)
  return kept
}

/** A nested run that threw must reject with what ended it, and then leaves nothing. */
async function undone(step: Step, inner: Promise<unknown>, ending: string): Promise<void> {
  const failed = inner.catch((error: unknown) => {
    if (!(error instanceof Deliberate)) throw error
    return 'thrown'
  })
  if (ending === 'fail') return refused(step, failed, ['STATEMENT_FAILED'], 'failed nested run')
  step.oracle.equal(await failed, 'thrown', 'end of a nested run that threw')
}

async function readOwnAtLeast(step: Step, handle: Transaction, kept: number): Promise<void> {
  const { rows } = await handle.query<Row>(sqlText.own, [step.op])
  step.oracle.rows(step.tenant, rows, 'own rows after nested runs', kept)
}

export const transactions: readonly Operation[] = [
  {
    name: 'dependent statements',
    weight: 8,
    async run(step) {
      const count = 1 + step.random.int(4)
      step.promised = count
      await step.tx.run(step.tenant.context, async (handle) => {
        for (let written = 0; written < count; written += 1) await insert(step, handle)
        await readOwn(step, handle, count)
      })
    },
  },
  {
    name: 'statements side by side',
    weight: 4,
    async run(step) {
      const count = 2 + step.random.int(3)
      step.promised = count
      await step.tx.run(step.tenant.context, (handle) =>
        Promise.all(Array.from({ length: count }, () => insert(step, handle))),
      )
    },
  },
  {
    name: 'nested runs',
    weight: 6,
    async run(step) {
      await step.tx.run(step.tenant.context, async (handle) => {
        step.promised = 0
        const kept = await nest(step, handle, 1 + step.random.int(2))
        await readOwn(step, handle, kept)
        step.promised = kept
      })
    },
  },
  {
    name: 'write beside a nested run that is undone',
    weight: 3,
    async run(step) {
      step.promised = 1
      await step.tx.run(step.tenant.context, async (handle) => {
        const nested = step.tx.run(step.tenant.context, async (inner) => {
          await insert(step, inner)
          throw new Deliberate()
        })
        await Promise.all([undone(step, nested, 'throw'), insert(step, handle)])
      })
    },
  },
  {
    name: 'outer handle in a nested run',
    weight: 2,
    async run(step) {
      step.promised = 1
      await step.tx.run(step.tenant.context, (handle) =>
        step.tx.run(step.tenant.context, () => insert(step, handle)),
      )
    },
  },
  {
    name: 'swallowed error',
    weight: 3,
    async run(step) {
      const run = step.tx.run(step.tenant.context, async (handle) => {
        await insert(step, handle)
        await handle.query('select 1 / 0').catch(() => undefined)
      })
      await refused(step, run, ['TX_ABORTED'], 'swallowed error')
    },
  },
  {
    name: 'statement that nobody awaits',
    weight: 4,
    async run(step) {
      step.promised = 2
      await step.tx.run(step.tenant.context, async (handle) => {
        void handle.query(sqlText.insert, noteOf(step))
        await Promise.resolve()
        void step.tx.query(step.tenant.context, sqlText.insert, noteOf(step))
      })
    },
  },
  {
    name: 'failure that nobody awaits',
    weight: 2,
    async run(step) {
      const run = step.tx.run(step.tenant.context, (handle) => {
        void handle.query(sqlText.insert, noteOf(step))
        void handle.query('select 1 / 0')
      })
      await refused(step, run, ['STATEMENT_FAILED'], 'failure that nobody awaits')
    },
  },
  {
    name: 'handle after its transaction',
    weight: 3,
    async run(step) {
      let kept: Transaction | null = null
      step.promised = 1
      await step.tx.run(step.tenant.context, async (handle) => {
        kept = handle
        await insert(step, handle)
      })
      const late = kept as Transaction | null
      if (late === null) return
      await refused(
        step,
        late.query(sqlText.insert, noteOf(step)),
        ['TX_CLOSED'],
        'handle after its transaction',
      )
    },
  },
  {
    name: 'error of the caller',
    weight: 4,
    async run(step) {
      const own = new Deliberate()
      await step.tx
        .run(step.tenant.context, async (handle) => {
          await insert(step, handle)
          throw own
        })
        .catch((error: unknown) => {
          if (error !== own) throw error
        })
    },
  },
  {
    name: 'other context inside',
    weight: 3,
    async run(step) {
      const { tx, tenant, other } = step
      step.promised = 1
      await tx.run(tenant.context, async (handle) => {
        await insert(step, handle)
        const attempt = step.random.chance(0.5)
          ? tx.query(other.context, sqlText.list)
          : tx.run(other.context, (inner) => inner.query(sqlText.list))
        await refused(step, attempt, ['CONTEXT_MISMATCH'], 'other context inside')
      })
    },
  },
  {
    name: 'serializable addition',
    weight: 3,
    async run(step) {
      step.adds = true
      await step.tx.run(
        step.tenant.context,
        async (handle) => {
          const read = 'select tenant_id, owner from chaos.counters'
          const { rows } = await handle.query<Row>(read)
          step.oracle.rows(step.tenant, rows, 'counter', 1)
          await handle.query(sqlText.add)
        },
        { isolationLevel: 'serializable' },
      )
    },
  },
  {
    name: 'write in a read-only transaction',
    weight: 2,
    async run(step) {
      const run = step.tx.run(
        step.tenant.context,
        async (handle) => {
          const { rows } = await handle.query<Row>(sqlText.list)
          step.oracle.rows(step.tenant, rows, 'list in a read-only transaction', 1)
          await handle.query(sqlText.insert, noteOf(step))
        },
        { readOnly: true },
      )
      await refused(step, run, ['STATEMENT_FAILED'], 'write in a read-only transaction')
    },
  },
]
