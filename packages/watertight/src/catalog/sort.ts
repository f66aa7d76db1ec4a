/** Compares by UTF-16 code units: the same order on every machine, unlike a locale's. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** A copy of `items` sorted by the texts of `keys`, the first one first. */
export function sortedBy<Item>(
  items: readonly Item[],
  keys: (item: Item) => readonly string[],
): readonly Item[] {
  const keyed = items.map((item) => ({ item, key: keys(item) }))
  keyed.sort((left, right) => {
    for (const [index, text] of left.key.entries()) {
      const order = compareText(text, right.key[index] ?? '')
      if (order !== 0) return order
    }
    return 0
  })
  return keyed.map(({ item }) => item)
}
