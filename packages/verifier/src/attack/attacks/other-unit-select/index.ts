import { sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Attack } from '../../attack.js'
import { isBoundByUnits, unitRows } from '../../other-unit/unit-rows.js'
import { inSample, numberOf } from '../../samples.js'
import type { ContextSettings, StepResult } from '../../session.js'

/** Reads rows of its own tenant that belong to an org unit outside of its scope. */
export const otherUnitSelect: Attack = {
  id: 'other-unit-select',
  title: 'Reads rows of an org unit that its scope does not cover.',
  command: 'SELECT',
  context: 'own',
  applies: (input, target) => isBoundByUnits(input, target),
  run: async (probe) => {
    const { session, role, target } = probe
    const bound = await unitRows(probe)
    if (typeof bound === 'string') return inconclusive(bound)
    const { rows, inside, outside } = bound
    const statement = sql`select count(*)::int as n from ${target.name} r where ${inSample}`
    const ask = (settings: ContextSettings): Promise<StepResult> =>
      session.attempt(() => session.as(role, settings, statement, [rows.tables, rows.places]))
    let refused: string | null = null
    for (const settings of outside) {
      const seen = await ask(settings)
      if (seen.ok && numberOf(seen.rows[0]?.['n']) > 0) {
        const what = 'rows of an org unit outside of its scope are visible'
        return { kind: 'leak', statement: sql`select from ${target.name}`, what }
      }
      if (!seen.ok) refused = seen.sqlState
    }
    const control = await ask(inside)
    if (!control.ok) return inconclusive(`reading its own rows fails with ${control.sqlState}`)
    if (numberOf(control.rows[0]?.['n']) === 0) {
      return inconclusive('the role does not see rows of its own unit under the context')
    }
    return refused === null ? held : inconclusive(`the attack fails with ${refused}`)
  },
}
