import { sql } from 'watertight/sql'
import { held } from '../../attack.js'
import type { Attack } from '../../attack.js'
import { blindWrite, keyNote } from '../../blind-write.js'

/** Deletes without a context. */
export const noContextDelete: Attack = {
  id: 'no-context-delete',
  title: 'Deletes rows without a tenant context.',
  command: 'DELETE',
  context: 'none',
  run: async (probe) => {
    const statement = sql`delete from ${probe.target.name}`
    const result = await blindWrite(probe, probe.noContext, statement)
    if (result.own + result.foreign === 0) return held
    return {
      kind: 'leak',
      statement,
      what: `rows were deleted without a context${keyNote(result)}`,
    }
  },
}
