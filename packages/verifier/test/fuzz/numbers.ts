/** A number below the given one. */
export type Pick = (below: number) => number

/** Numbers from a seed, so that a failure can be run again. */
export function numbersFrom(seed: number): Pick {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** The seed of one world of a run. */
export function seedOf(seed: number, index: number): number {
  return numbersFrom((Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0)(
    2 ** 31,
  )
}

/** One of a list. */
export function one<T>(pick: Pick, of: readonly T[]): T {
  const found = of[pick(of.length)]
  if (found === undefined) throw new Error('nothing to choose from')
  return found
}

/** One of a list of pairs, each as often as its weight says. */
export function weighted<T>(pick: Pick, of: readonly (readonly [number, T])[]): T {
  let at = pick(of.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, value] of of) {
    if (at < weight) return value
    at -= weight
  }
  throw new Error('nothing to choose from')
}
