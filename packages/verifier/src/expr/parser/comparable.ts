const placeKeys = new Set([
  'list_end',
  'list_start',
  'location',
  'rexpr_list_end',
  'rexpr_list_start',
  'stmt_len',
  'stmt_location',
])

/** A syntax tree as text without places, equal for texts that PostgreSQL reads alike. */
export function comparable(tree: unknown): string {
  return JSON.stringify(tree, (key, value: unknown) => (placeKeys.has(key) ? undefined : value))
}

/** Every known place in a syntax tree, in bytes. The tree leaves out the place 0. */
export function placesIn(tree: unknown): readonly number[] {
  const places: number[] = []
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, child] of Object.entries(value)) {
      if (key === 'location' && typeof child === 'number' && child >= 0) places.push(child)
      else visit(child)
    }
  }
  visit(tree)
  return places
}
