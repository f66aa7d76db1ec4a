import { sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Attack } from '../../attack.js'
import { blindWrite } from '../../blind-write.js'
import { assignments, neutralColumns, ownKey, ownValue } from '../../update-columns.js'

/** Updates without a context. */
export const noContextUpdate: Attack = {
  id: 'no-context-update',
  title: 'Updates rows without a tenant context.',
  command: 'UPDATE',
  context: 'none',
  run: async (probe) => {
    const [column] = neutralColumns(probe)
    const neutral = column && (await ownValue(probe, column))
    const change = neutral
      ? { columns: [neutral.column], values: [neutral.value] }
      : await ownKey(probe)
    if (change === null) return inconclusive('the role may update no column that can be set')
    const statement = sql`update ${probe.target.name} set ${assignments(change.columns)}`
    const result = await blindWrite(probe, probe.noContext, statement, change.values)
    if (result.own + result.foreign === 0) return held
    return { kind: 'leak', statement, what: 'rows were updated without a context' }
  },
}
