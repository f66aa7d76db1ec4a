/** Numbers that a seed determines. */
export interface Random {
  /** A whole number from 0 to `below - 1`. */
  int(below: number): number
  chance(probability: number): boolean
  pick<Item>(items: readonly Item[]): Item
  /** Another source, which this one determines. */
  fork(): Random
}

/** The generator `mulberry32`, which is plenty to choose operations with. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (below: number): number => Math.floor(next() * below)
  return {
    int,
    chance: (probability) => next() < probability,
    pick: <Item>(items: readonly Item[]): Item => {
      const item = items[int(items.length)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
    fork: () => randomFrom(int(2 ** 32)),
  }
}

/** One of several things, by their weights. */
export function pickWeighted<Item extends { readonly weight: number }>(
  random: Random,
  items: readonly Item[],
): Item {
  let left = random.int(items.reduce((sum, { weight }) => sum + weight, 0))
  for (const item of items) {
    left -= item.weight
    if (left < 0) return item
  }
  throw new RangeError('nothing to pick from')
}
