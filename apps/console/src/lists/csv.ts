import type { Column } from './column.js'

/**
 * Rows as RFC 4180 has them. SECURITY: a value that a spreadsheet would run as a formula gets an
 * apostrophe in front (OWASP, CSV Injection).
 */
export function toCsv<Item>(
  items: readonly Item[],
  columns: readonly Column<Item, string>[],
): string {
  const shown = columns.filter(({ value }) => value !== undefined)
  const lines = [
    shown.map(({ header }) => field(header)),
    ...items.map((item) => shown.map(({ value }) => field(value?.(item) ?? null))),
  ]
  return `${lines.map((fields) => fields.join(',')).join('\r\n')}\r\n`
}

function field(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

/** Has the browser save text as a file. */
export function saveFile(name: string, content: BlobPart, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 1000)
}
