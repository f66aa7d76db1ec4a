/** How waiting times grow, in milliseconds. */
export interface BackOff {
  readonly first: number
  readonly factor: number
  readonly most: number
}

/**
 * Milliseconds to wait after the `count`-th failure in a row: exponential, bounded, and anywhere in
 * the upper half of that, so that those who failed together do not come back together.
 *
 * @param count from 1
 * @param random from 0 to 1
 */
export function backOffDelay(
  { first, factor, most }: BackOff,
  count: number,
  random: () => number = Math.random,
): number {
  const full = Math.min(most, first * factor ** (count - 1))
  return Math.round(full / 2 + (full / 2) * random())
}
