/** What a cell can hold; a time becomes ISO 8601 in UTC. */
export type CsvValue = string | number | boolean | Date | null

/**
 * A table as CSV (RFC 4180) with a line of headings.
 *
 * SECURITY: a text that a spreadsheet would take for a formula is marked as text.
 *
 * @example toCsv(['name'], [['=1+1']]) // name\r\n'=1+1\r\n
 */
export function toCsv(headings: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  return [headings, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(value: CsvValue): string {
  const text = textOf(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function textOf(value: CsvValue): string {
  if (value === null) return ''
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'string') return String(value)
  return /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
}
