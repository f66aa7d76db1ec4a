/** A JSON value with the keys of its objects in order and nothing that JSON leaves out. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  // A null prototype, so that a key `__proto__` is a key like any other.
  const result = Object.create(null) as Record<string, unknown>
  for (const [key, item] of entries) result[key] = ordered(item)
  return result
}

/**
 * The same text for the same JSON value, whatever became of the order of its keys: `jsonb` and
 * queues that decode and encode again do not keep it.
 *
 * @throws TypeError for what JSON cannot hold; RangeError for what is nested too deeply.
 */
export function canonicalJson(value: unknown): string {
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError('the value is not JSON')
  return JSON.stringify(ordered(JSON.parse(text)))
}
