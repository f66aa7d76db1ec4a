import { ident, sql } from 'watertight/sql'
import { inconclusive } from '../../attack.js'
import type { Attack } from '../../attack.js'
import { isBoundByUnits } from '../../other-unit/unit-rows.js'
import { writeOutside } from '../../other-unit/write-outside.js'
import { neutralColumns, ownValue } from '../../update-columns.js'

/** Updates rows of its own tenant that belong to an org unit outside of its scope. */
export const otherUnitUpdate: Attack = {
  id: 'other-unit-update',
  title: 'Updates rows of an org unit that its scope does not cover.',
  command: 'UPDATE',
  context: 'own',
  applies: (input, target) => isBoundByUnits(input, target),
  run: async (probe) => {
    for (const column of neutralColumns(probe).slice(0, 3)) {
      const neutral = await ownValue(probe, column)
      if (neutral === null) continue
      const statement = sql`update ${probe.target.name} set ${ident(column.name)} = $1`
      return writeOutside(probe, statement, [neutral.value], 'updated')
    }
    return inconclusive('the role may update no plain column')
  },
}
