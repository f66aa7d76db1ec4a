import { createHash } from 'node:crypto'
import type { AuditRow } from './audit-repository.js'

const header = [
  'position',
  'id',
  'occurred_at',
  'actor_id',
  'actor_role',
  'action',
  'target_type',
  'target_id',
  'outcome',
  'correlation_id',
  'client_address',
  'detail',
  'entry_hash',
] as const

/**
 * A field of a CSV file (RFC 4180), always quoted. SECURITY: a text that a spreadsheet would run as
 * a formula is given an apostrophe in front (OWASP, CSV injection).
 *
 * @example csvField('=1+1') // "'=1+1"
 */
export function csvField(value: string | null): string {
  if (value === null) return ''
  const isFormula =
    /^[\t\r\n ]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/.test(value) || /^[\t\r\n]/.test(value)
  return `"${(isFormula ? `'${value}` : value).replaceAll('"', '""')}"`
}

function csvLine(values: readonly (string | null)[]): string {
  return `${values.map(csvField).join(',')}\r\n`
}

/** Entries as a CSV file, with the SHA-256 of its bytes in hexadecimal. */
export async function auditCsv(
  rows: AsyncIterable<AuditRow>,
): Promise<{ readonly text: string; readonly sha256: string; readonly entries: number }> {
  const lines = [csvLine(header)]
  for await (const row of rows) {
    lines.push(
      csvLine([
        row.position,
        row.id,
        row.occurred_at.toISOString(),
        row.actor_id,
        row.actor_role,
        row.action,
        row.target_type,
        row.target_id,
        row.outcome,
        row.correlation_id,
        row.client_address,
        row.detail === null ? null : JSON.stringify(row.detail),
        row.entry_hash,
      ]),
    )
  }
  const text = lines.join('')
  const sha256 = createHash('sha256').update(text).digest('hex')
  return { text, sha256, entries: lines.length - 1 }
}
