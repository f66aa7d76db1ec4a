/** True for values whose text depends on the type of the column: arrays and plain objects. */
export function isComposite(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array)
  )
}

/** An array in the notation of PostgreSQL (manual, section 8.15.6). */
export function arrayText(items: readonly unknown[], text: (item: unknown) => string): string {
  const parts = items.map((item) => {
    if (item === null || item === undefined) return 'NULL'
    if (Array.isArray(item)) return arrayText(item, text)
    return `"${text(item).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  })
  return `{${parts.join(',')}}`
}

/** The text of a value that is neither an array nor an object. */
export function scalarText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      throw new TypeError(`a ${typeof value} cannot be sent as a parameter`)
  }
}
