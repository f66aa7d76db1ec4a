import { sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Attack, Outcome, Probe } from '../../attack.js'
import { blindWrite, keyNote } from '../../blind-write.js'
import { countRows } from '../../samples.js'
import { assignments, keyColumns, keyValues } from '../../update-columns.js'

/** Moves its own rows to another tenant. */
export const rowHop: Attack = {
  id: 'row-hop',
  title: 'Moves its own row to another tenant by updating the key.',
  command: 'UPDATE',
  context: 'own',
  run: async (probe) => {
    const { table } = probe.target
    const columns = keyColumns(probe.target)
    if (columns.length === 0) return inconclusive('no column decides whose the row is')
    const allowed = probe.input.access.columns(probe.role, 'UPDATE', table.relation)
    // Without the privilege the key cannot be moved at all: that is a fact, not a probe.
    if (!columns.every((column) => allowed.includes(column))) return held
    const foreign = await keyValues(probe, columns, probe.foreignRows)
    const own = await keyValues(probe, columns, probe.ownRows)
    if (foreign === null || own === null)
      return inconclusive('there is no row to take the key from')

    const statement = sql`update ${probe.target.name} set ${assignments(columns)}`
    const moved = await hop(probe, statement, foreign)
    if (moved.leak) return moved.outcome
    const control = await blindWrite(probe, probe.context, statement, own)
    if (!control.step.ok || control.own === 0) {
      return inconclusive('setting the key of its own rows to what it is does not work either')
    }
    return moved.outcome
  },
}

async function hop(
  probe: Probe,
  statement: ReturnType<typeof sql>,
  values: readonly unknown[],
): Promise<{ leak: boolean; outcome: Outcome }> {
  const before = await countRows(probe.session, probe.target, probe.foreign)
  let after = before
  const result = await blindWrite(probe, probe.context, statement, values, async () => {
    after = await countRows(probe.session, probe.target, probe.foreign)
  })
  if (after > before) {
    const what = `its own rows were moved to another tenant${keyNote(result)}`
    return { leak: true, outcome: { kind: 'leak', statement, what } }
  }
  if (result.step.ok || result.step.sqlState === '42501' || result.step.sqlState === 'P0001') {
    return { leak: false, outcome: held }
  }
  const reason = `moving a row fails with ${result.step.sqlState}, not by a policy`
  return { leak: false, outcome: inconclusive(reason) }
}
