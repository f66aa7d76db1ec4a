import type { Sql } from 'watertight/sql'
import { held, inconclusive } from '../attack.js'
import type { Outcome, Probe } from '../attack.js'
import { blindWrite, keyNote } from '../blind-write.js'
import { unitRows } from './unit-rows.js'

/** Writes without WHERE under the context of a unit that has no row, then under that of the rows. */
export async function writeOutside(
  probe: Probe,
  statement: Sql,
  values: readonly unknown[],
  done: string,
): Promise<Outcome> {
  const bound = await unitRows(probe)
  if (typeof bound === 'string') return inconclusive(bound)
  const { rows, inside, outside } = bound
  const onUnits: Probe = { ...probe, ownRows: rows }
  let refused: string | null = null
  for (const settings of outside) {
    const result = await blindWrite(onUnits, settings, statement, values)
    if (result.own > 0) {
      const what = `rows of an org unit outside of its scope were ${done}${keyNote(result)}`
      return { kind: 'leak', statement, what }
    }
    if (!result.step.ok) refused = result.step.sqlState
  }
  const control = await blindWrite(onUnits, inside, statement, values)
  if (!control.step.ok) {
    return inconclusive(`the same on its own rows fails with ${control.step.sqlState}`)
  }
  if (control.own === 0) return inconclusive('the role does not reach rows of its own unit')
  return refused === null ? held : inconclusive(`the attack fails with ${refused}`)
}
