import { noteOf, refused, sqlText } from './operation.js'
import type { Operation } from './operation.js'

export const limits: readonly Operation[] = [
  {
    name: 'statement time-out',
    weight: 1,
    async run(step) {
      const run = step.tx.run(step.tenant.context, async (handle) => {
        await handle.query(sqlText.insert, noteOf(step))
        await handle.query("select set_config('statement_timeout', '5ms', true)")
        await handle.query('select pg_sleep(1)')
      })
      await refused(step, run, ['STATEMENT_FAILED'], 'statement time-out')
    },
  },
  {
    name: 'held connection',
    weight: 2,
    async run(step) {
      step.promised = 1
      await step.tx.run(step.tenant.context, async (handle) => {
        await handle.query(sqlText.insert, noteOf(step))
        await new Promise((resolve) => setTimeout(resolve, step.random.int(60)))
        await handle.query(sqlText.own, [step.op])
      })
    },
  },
]
