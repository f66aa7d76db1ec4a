import { sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Attack } from '../../attack.js'
import { blindWrite, keyNote } from '../../blind-write.js'

/** Deletes without WHERE. */
export const blindDelete: Attack = {
  id: 'blind-delete',
  title: 'Deletes every row it can, without WHERE.',
  command: 'DELETE',
  context: 'own',
  run: async (probe) => {
    const statement = sql`delete from ${probe.target.name}`
    const result = await blindWrite(probe, probe.context, statement)
    if (result.foreign > 0) {
      return {
        kind: 'leak',
        statement,
        what: `rows of another tenant were deleted${keyNote(result)}`,
      }
    }
    if (!result.step.ok) {
      return inconclusive(`deleting its own rows fails with ${result.step.sqlState}`)
    }
    return result.own > 0 ? held : inconclusive('the role does not reach its own rows')
  },
}
