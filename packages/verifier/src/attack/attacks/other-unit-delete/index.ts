import { sql } from 'watertight/sql'
import type { Attack } from '../../attack.js'
import { isBoundByUnits } from '../../other-unit/unit-rows.js'
import { writeOutside } from '../../other-unit/write-outside.js'

/** Deletes rows of its own tenant that belong to an org unit outside of its scope. */
export const otherUnitDelete: Attack = {
  id: 'other-unit-delete',
  title: 'Deletes rows of an org unit that its scope does not cover.',
  command: 'DELETE',
  context: 'own',
  applies: (input, target) => isBoundByUnits(input, target),
  run: (probe) => writeOutside(probe, sql`delete from ${probe.target.name}`, [], 'deleted'),
}
