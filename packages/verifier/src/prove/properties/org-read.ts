import { foreignUnit, isBoundByUnits } from '../context/foreign-unit.js'
import type { Property } from '../obligation.js'

/** On an org-scoped table, a row that a command reads or removes is of an org unit of the context. */
export const orgRead: Property = {
  id: 'org-read',
  appliesTo: (obligation, subject) =>
    isBoundByUnits(subject, obligation) &&
    (obligation.command === 'SELECT' || obligation.command === 'DELETE'),
  violation: foreignUnit,
}
