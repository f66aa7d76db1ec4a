import { held, inconclusive } from '../../attack.js'
import type { Attack } from '../../attack.js'
import { reinsertRow } from '../../copy-row.js'

/** Writes a row that belongs to another tenant. */
export const foreignInsert: Attack = {
  id: 'foreign-insert',
  title: 'Inserts a row that belongs to another tenant.',
  command: 'INSERT',
  context: 'own',
  run: async (probe) => {
    const { session } = probe
    const attack = await session.attempt(() =>
      reinsertRow(probe, probe.foreignRows, probe.foreign, probe.context),
    )
    if (typeof attack === 'string') return inconclusive(attack)
    if (attack.stored) {
      return {
        kind: 'leak',
        statement: attack.statement,
        what: 'a row was stored for another tenant',
      }
    }
    const control = await session.attempt(() =>
      reinsertRow(probe, probe.ownRows, probe.own, probe.context),
    )
    if (typeof control === 'string') return inconclusive(control)
    if (!control.step.ok) {
      return inconclusive(`inserting its own row fails with ${control.step.sqlState}`)
    }
    if (!control.stored) return inconclusive('its own row is not stored under its own key')
    if (attack.step.ok || refusals.has(attack.step.sqlState)) return held
    return inconclusive(`the attack fails with ${attack.step.sqlState}, not by a policy`)
  },
}

/** 42501: policy or grant. P0001: a trigger's own exception. */
const refusals: ReadonlySet<string> = new Set(['42501', 'P0001'])
