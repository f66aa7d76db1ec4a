import { sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Attack } from '../../attack.js'
import { missingRows } from '../../samples.js'

/** Empties the table, which no policy has a say in. */
export const truncate: Attack = {
  id: 'truncate',
  title: 'Empties a table of every tenant: policies do not bind TRUNCATE.',
  command: 'DELETE',
  context: 'own',
  // It waits for, and then holds up, everybody who uses the table.
  blocks: true,
  applies: (input, { table }, role) => input.access.can(role, 'TRUNCATE', table.relation),
  run: async (probe) => {
    const { session, target } = probe
    const statement = sql`truncate ${target.name}`
    return session.attempt(async () => {
      const step = await session.as(probe.role, probe.context, statement)
      if (!step.ok && step.sqlState === '0A000') {
        // A row elsewhere points to the table: only CASCADE empties both, and needs both rights.
        return inconclusive('a foreign key points to the table')
      }
      if (!step.ok) {
        return refusals.has(step.sqlState)
          ? held
          : inconclusive(`emptying the table fails with ${step.sqlState}`)
      }
      const gone = await missingRows(session, target, probe.foreignRows)
      if (gone === 0) return held
      return { kind: 'leak', statement, what: 'rows of another tenant were removed by TRUNCATE' }
    })
  },
}

/** 42501: the privilege. P0001: a trigger's own exception. */
const refusals: ReadonlySet<string> = new Set(['42501', 'P0001'])
