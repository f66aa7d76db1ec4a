/** What a spreadsheet would take for a formula (OWASP, CSV injection). */
const formula = /^[=+\-@\t\r]/

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  // SECURITY: hostnames, titles and answers are written by strangers; a spreadsheet must not run them.
  const shown = formula.test(text) ? `'${text}` : text
  return /["\r\n,]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown
}

/**
 * A line of CSV (RFC 4180), with its line end. Objects and arrays are JSON; a text that a spreadsheet
 * would take for a formula gets an apostrophe in front.
 *
 * @example csvLine(['a,b', null, '=1+1']) // "a,b",,'=1+1
 */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(cellOf).join(',')}\r\n`
}
