import { hasPlainEquality } from '../encode/compare.js'
import type { Encoding } from '../encode/encoding.js'
import { unstated } from '../obligation.js'
import type { Obligation, Unstated } from '../obligation.js'
import { and, not } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import type { Subject } from '../encode/encoding.js'
import { violated } from '../violated.js'
import { orgOfRow } from './org-of-row.js'
import { isOwnUnit } from './own-units.js'
import { isPublicRow } from './public-row.js'
import { kindOf } from './reader.js'

/** A grant opens a whole tenant, so that org units bind neither auditors nor the platform. */
export function isBoundByUnits({ model }: Subject, { table, role }: Obligation): boolean {
  const kind = kindOf(model, role)
  return table.scope === 'org' && kind !== 'auditor' && kind !== 'platform'
}

/** The command reaches a row of an org unit that the context's scope does not cover, or of none. */
export function foreignUnit(encoding: Encoding, obligation: Obligation): Term | Unstated {
  const { context, orgUnits } = encoding.subject.model
  const carries = context.kind === 'signed' || (context.kind === 'guc' && context.orgUnits !== null)
  if (!carries || orgUnits === null) {
    return unstated(
      'tenants are kept apart, but the context carries no org units to tell which are its own; declare orgUnits, and context.orgUnits for plain settings',
    )
  }
  const violation = violated(encoding, obligation, (row) => {
    const unit = orgOfRow(encoding, obligation.table, row)
    const own = unit && hasPlainEquality(unit) ? isOwnUnit(encoding, unit) : undefined
    return own && and(not(own), not(isPublicRow(encoding, obligation, row)))
  })
  return (
    violation ??
    unstated(
      'the model does not say of which org unit the rows are, in the type of orgUnits; declare orgColumn or through for the table',
    )
  )
}
