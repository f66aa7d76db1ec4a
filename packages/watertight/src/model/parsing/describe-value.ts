const shownCharacters = 60

/** A string as JSON, cut to a length that fits into a message. */
export function quoted(text: string): string {
  return text.length <= shownCharacters
    ? JSON.stringify(text)
    : `${JSON.stringify(text.slice(0, shownCharacters))}… (${text.length} characters)`
}

/** Alternatives as prose: `"a", "b" or "c"`. */
export function alternatives(values: readonly string[]): string {
  const shown = values.map((value) => JSON.stringify(value))
  const last = shown.pop() ?? 'nothing'
  return shown.length === 0 ? last : `${shown.join(', ')} or ${last}`
}

/** What a value is, for messages. Never throws and never runs code of the value. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing'
    case 'string':
      return quoted(value)
    case 'number':
    case 'boolean':
      return String(value)
    case 'object':
      if (value === null) return 'null'
      return isArray(value) ? 'an array' : 'an object'
    default:
      return `a ${typeof value}`
  }
}

/** `Array.isArray`, which throws on a revoked proxy, made total. */
export function isArray(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value)
  } catch {
    return false
  }
}
