/**
 * Remembers what is derived from an object for as long as the object lives. The object must be
 * frozen, or at least not change.
 */
export function oncePer<Key extends object, Value>(
  derive: (key: Key) => Value,
): (key: Key) => Value {
  const known = new WeakMap<Key, { readonly value: Value }>()
  return (key) => {
    const found = known.get(key)
    if (found !== undefined) return found.value
    const value = derive(key)
    known.set(key, { value })
    return value
  }
}
