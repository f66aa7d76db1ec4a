import { sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Attack } from '../../attack.js'
import { insertedValues, reinsertRow } from '../../copy-row.js'
import type { CopyResult } from '../../copy-row.js'
import type { RowSample } from '../../samples.js'

/** The INSERT arm of MERGE with a row of the victim. */
export const mergeInsert: Attack = {
  id: 'merge-insert',
  title: 'Inserts a row that belongs to another tenant by MERGE.',
  command: 'INSERT',
  context: 'own',
  run: async (probe) => {
    const store = (rows: RowSample, key: string): Promise<CopyResult | string> =>
      probe.session.attempt(() =>
        reinsertRow(
          probe,
          rows,
          key,
          probe.context,
          (name, relation, columns) =>
            sql`merge into ${name} using (select) s on false when not matched then insert ${insertedValues(relation, columns)}`,
        ),
      )
    const attack = await store(probe.foreignRows, probe.foreign)
    if (typeof attack === 'string') return inconclusive(attack)
    const { statement } = attack
    if (attack.stored) {
      return { kind: 'leak', statement, what: 'a row was stored for another tenant by MERGE' }
    }
    const control = await store(probe.ownRows, probe.own)
    if (typeof control === 'string') return inconclusive(control)
    if (!control.step.ok) {
      return inconclusive(`MERGE of its own row fails with ${control.step.sqlState}`)
    }
    if (!control.stored) return inconclusive('its own row is not stored under its own key')
    if (attack.step.ok || refusals.has(attack.step.sqlState)) return held
    return inconclusive(`the attack fails with ${attack.step.sqlState}, not by a policy`)
  },
}

/** 42501: policy or grant. P0001: a trigger's own exception. */
const refusals: ReadonlySet<string> = new Set(['42501', 'P0001'])
