import { didYouMean } from './closest-name.js'
import { describeValue, isArray } from './describe-value.js'
import type { Parser } from './parser.js'
import type { Place } from './place.js'

/** Class instances (a Map, a Date) are no declarations; plain objects of another realm are. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/**
 * The own entries of an untrusted object, each read once and kept in a Map, where a key such as
 * `__proto__` is a key like any other. An undefined value counts as absent.
 */
export function readEntries(value: unknown, at: Place): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || isArray(value)) {
    return at.report(`expected an object, got ${describeValue(value)}`)
  }
  try {
    if (!isPlainObject(value)) return at.report('expected a plain object, got a class instance')
    const entries = Object.entries(value)
    return new Map(entries.filter(([, entry]) => entry !== undefined))
  } catch {
    return at.report('cannot be read: an accessor or proxy threw')
  }
}

/** The fields of an object whose keys are known. */
export class Fields {
  readonly at: Place
  readonly #entries: ReadonlyMap<string, unknown> | undefined

  /** Reports every key that is not in `known`. */
  constructor(
    entries: ReadonlyMap<string, unknown> | undefined,
    at: Place,
    known: readonly string[],
  ) {
    this.at = at
    this.#entries = entries
    for (const key of entries?.keys() ?? []) {
      if (!known.includes(key)) at.key(key).report(`unknown key${didYouMean(key, known)}`)
    }
  }

  has(name: string): boolean {
    return this.#entries?.has(name) ?? false
  }

  /** Undefined when the field is absent or faulty. */
  optional<T>(name: string, parse: Parser<T>): T | undefined {
    if (!this.has(name)) return undefined
    return parse(this.#entries?.get(name), this.at.key(name))
  }

  /** Reports when the field is absent. */
  required<T>(name: string, parse: Parser<T>): T | undefined {
    // An object that is none was reported as a whole already.
    if (this.#entries === undefined) return undefined
    if (!this.has(name)) return this.at.key(name).report('is required')
    return this.optional(name, parse)
  }
}

/** Reads an untrusted object with these keys; faults are reported, the result is always usable. */
export function readFields(value: unknown, at: Place, known: readonly string[]): Fields {
  return new Fields(readEntries(value, at), at, known)
}
