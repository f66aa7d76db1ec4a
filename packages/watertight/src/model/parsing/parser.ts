import { didYouMean } from './closest-name.js'
import { alternatives, describeValue, isArray } from './describe-value.js'
import type { Place } from './place.js'

/** Turns an untrusted value into a `T`, or reports at its place and answers undefined. */
export type Parser<T> = (value: unknown, at: Place) => T | undefined

/** No part of a declaration is longer; keeps pattern matching of hostile input cheap. */
const longestText = 10_000
const longestList = 10_000

/** A string that PostgreSQL can hold: no NUL, no lone surrogate. */
export const text: Parser<string> = (value, at) => {
  if (typeof value !== 'string') return at.report(`expected a string, got ${describeValue(value)}`)
  if (value.trim() === '') return at.report('expected a non-empty string')
  if (value.length > longestText) return at.report(`longer than ${longestText} characters`)
  if (/[\0\p{Cs}]/u.test(value)) return at.report('holds a NUL or half of a surrogate pair')
  return value
}

export const flag: Parser<boolean> = (value, at) =>
  typeof value === 'boolean'
    ? value
    : at.report(`expected true or false, got ${describeValue(value)}`)

/** One of a fixed set of words. */
export function oneOf<const T extends string>(words: readonly T[]): Parser<T> {
  return (value, at) => {
    const found = words.find((word) => word === value)
    if (found !== undefined) return found
    const hint = typeof value === 'string' ? didYouMean(value, words) : ''
    return at.report(`expected ${alternatives(words)}, got ${describeValue(value)}${hint}`)
  }
}

/** Text that also passes `accepts`; `expected` says what that is. */
export function textWhere(accepts: (value: string) => boolean, expected: string): Parser<string> {
  return (value, at) => {
    const found = text(value, at)
    if (found === undefined || accepts(found)) return found
    return at.report(`expected ${expected}, got ${describeValue(found)}`)
  }
}

/** The items that parse; the others are reported at their index, as are repetitions. */
export function listOf<T extends string>(
  item: Parser<T>,
  { atLeast = 0 }: { readonly atLeast?: 0 | 1 } = {},
): Parser<readonly T[]> {
  return (value, at) => {
    const items = readList(value, at)
    if (items === undefined) return undefined
    if (items.length < atLeast) return at.report('expected at least one entry')
    const firstIndex = new Map<T, number>()
    for (const [index, entry] of items.entries()) {
      const parsed = item(entry, at.index(index))
      if (parsed === undefined) continue
      const first = firstIndex.get(parsed)
      if (first === undefined) firstIndex.set(parsed, index)
      else at.index(index).report(`${JSON.stringify(parsed)} repeats [${first}]`)
    }
    return [...firstIndex.keys()]
  }
}

/** A copy of an untrusted array, each item read once. */
export function readList(value: unknown, at: Place): readonly unknown[] | undefined {
  if (!isArray(value)) return at.report(`expected an array, got ${describeValue(value)}`)
  try {
    const { length } = value
    if (typeof length !== 'number' || !(length <= longestList)) {
      return at.report(`has more than ${longestList} entries`)
    }
    return Array.from({ length }, (_, index) => value[index])
  } catch {
    return at.report('cannot be read: an accessor or proxy threw')
  }
}
