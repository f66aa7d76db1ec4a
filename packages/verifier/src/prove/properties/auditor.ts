import { ownerUnknown } from '../context/foreign-row.js'
import { isOwnRow } from '../context/own-row.js'
import { kindOf } from '../context/reader.js'
import type { Encoding } from '../encode/encoding.js'
import { unstated } from '../obligation.js'
import type { Obligation, Property } from '../obligation.js'
import { not, truth } from '../terms/term.js'
import { violated } from '../violated.js'

/**
 * Auditors change nothing, read rows of tenants that a live grant names to them, and never a column
 * that is declared redacted.
 */
export const auditor: Property = {
  id: 'auditor',
  appliesTo: ({ role }, { model }) => kindOf(model, role) === 'auditor',
  violation(encoding, obligation) {
    const isOpen = obligation.command === 'SELECT' && isReadable(encoding, obligation)
    const violation = violated(encoding, obligation, (row) => {
      if (!isOpen) return truth
      const own = isOwnRow(encoding, obligation, row)
      return own && not(own)
    })
    return violation ?? unstated(ownerUnknown)
  },
}

/** The declaration lets auditors read the table, and the role reads no column that it redacts. */
function isReadable({ subject }: Encoding, { table, actor }: Obligation): boolean {
  const { declaration } = table
  if (declaration === null) return true
  if (declaration.auditor === null) return false
  const readable = subject.access.columns(actor, 'SELECT', table.relation)
  return !declaration.auditor.redact.some((name) => readable.includes(name))
}
