import { foreignUnit, isBoundByUnits } from '../context/foreign-unit.js'
import type { Property } from '../obligation.js'

/** On an org-scoped table, INSERT and UPDATE neither reach nor store a row of a foreign org unit. */
export const orgWrite: Property = {
  id: 'org-write',
  appliesTo: (obligation, subject) =>
    isBoundByUnits(subject, obligation) &&
    (obligation.command === 'INSERT' || obligation.command === 'UPDATE'),
  violation: foreignUnit,
}
