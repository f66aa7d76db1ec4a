import { WatertightError } from 'watertight/errors'
import { noteOf, refused, sqlText } from './operation.js'
import type { Operation, Row, Step } from './operation.js'

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** A signal that is aborted soon. */
function abortedWithin(step: Step, milliseconds: number): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), step.random.int(milliseconds))
  return controller.signal
}

/** Whatever an aborted call does, it must not be done though it says ABORTED. */
function isAbort(error: unknown): boolean {
  return error instanceof WatertightError && error.code === 'ABORTED'
}

/** Time-outs, aborts, retries and connections that are held. */
export const limits: readonly Operation[] = [
  {
    name: 'statement time-out',
    weight: 1,
    async run(step) {
      const run = step.tx.run(
        step.tenant.context,
        async (handle) => {
          await handle.query(sqlText.insert, noteOf(step))
          await handle.query('select pg_sleep(10)')
        },
        { statementTimeout: 20 },
      )
      await refused(step, run, ['STATEMENT_FAILED'], 'statement time-out')
    },
  },
  {
    name: 'idle time-out',
    weight: 1,
    async run(step) {
      const run = step.tx.run(
        step.tenant.context,
        async (handle) => {
          await handle.query(sqlText.insert, noteOf(step))
          await pause(60)
          await handle.query(sqlText.insert, noteOf(step))
        },
        { idleTimeout: 10 },
      )
      await refused(step, run, ['CONNECTION_FAILED'], 'idle time-out')
    },
  },
  {
    name: 'held connection',
    weight: 2,
    async run(step) {
      step.promised = 1
      await step.tx.run(step.tenant.context, async (handle) => {
        await handle.query(sqlText.insert, noteOf(step))
        await pause(step.random.int(60))
        await handle.query(sqlText.own, [step.op])
      })
    },
  },
  {
    name: 'aborted query',
    weight: 2,
    async run(step) {
      step.promised = 1
      const text = `${sqlText.insert}, pg_sleep(0.002)`
      const options = { signal: abortedWithin(step, 8) }
      await step.tx.query(step.tenant.context, text, noteOf(step), options)
    },
  },
  {
    name: 'aborted run',
    weight: 2,
    async run(step) {
      step.promised = 2
      await step.tx.run(
        step.tenant.context,
        async (handle) => {
          await handle.query(sqlText.insert, noteOf(step))
          await pause(step.random.int(4))
          await handle.query(sqlText.insert, noteOf(step))
        },
        { signal: abortedWithin(step, 12) },
      )
    },
  },
  {
    name: 'aborted sleep',
    weight: 1,
    async run(step) {
      const sleep = step.tx.query(step.tenant.context, 'select pg_sleep(10)', [], {
        signal: abortedWithin(step, 20),
      })
      await sleep.catch((error: unknown) => {
        if (!isAbort(error)) throw error
      })
      const { rows } = await step.tx.query<Row>(step.tenant.context, sqlText.list)
      step.oracle.rows(step.tenant, rows, 'list after an abort', 1)
    },
  },
  {
    name: 'retried addition',
    weight: 3,
    async run(step) {
      step.adds = true
      await step.tx.run(
        step.tenant.context,
        async (handle) => {
          const { rows } = await handle.query<Row>('select tenant_id, owner from chaos.counters')
          step.oracle.rows(step.tenant, rows, 'counter before a retried addition', 1)
          await handle.query(sqlText.add)
        },
        { isolationLevel: 'serializable', retry: { attempts: 4 } },
      )
    },
  },
  {
    name: 'read-only run',
    weight: 4,
    async run(step) {
      const found = await step.tx.run(
        step.tenant.context,
        async (handle) => {
          const first = await handle.query<Row>(sqlText.list)
          const second = await handle.query<Row>('select tenant_id, owner from chaos.lines')
          return [...first.rows, ...second.rows]
        },
        { readOnly: true },
      )
      step.oracle.rows(step.tenant, found, 'read-only run', 3)
    },
  },
]
