import { calendarDate } from '../names.js'
import { readFields } from '../parsing/fields.js'
import type { Parser } from '../parsing/parser.js'
import { readList, text } from '../parsing/parser.js'
import type { AcceptedFinding } from '../tenancy-model.js'

/** Findings accepted for a while. Whether one has expired is decided where there is a clock. */
export const acceptedFindings: Parser<readonly AcceptedFinding[]> = (value, at) => {
  const accepted = new Map<string, AcceptedFinding>()
  for (const [index, entry] of readList(value, at)?.entries() ?? []) {
    const place = at.index(index)
    const fields = readFields(entry, place, ['key', 'reason', 'until'])
    const key = fields.required('key', text)
    const reason = fields.required('reason', text)
    const until = fields.required('until', calendarDate)
    if (key !== undefined && accepted.has(key)) place.key('key').report('is accepted twice')
    else if (key !== undefined && reason !== undefined && until !== undefined) {
      accepted.set(key, { key, reason, until })
    }
  }
  return [...accepted.values()]
}
