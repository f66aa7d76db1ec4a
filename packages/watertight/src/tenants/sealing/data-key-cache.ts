/** How long data keys are kept, how many, and for how many values one is used. */
export interface DataKeyCacheOptions {
  /** Milliseconds that a data key is kept unwrapped; five minutes by default, 0 for never. */
  readonly maxAge?: number
  /** Data keys kept at once; 1,000 by default, the longest unused goes first. */
  readonly maxEntries?: number
  /** Values sealed with one data key; 10,000 by default, far below what random nonces allow. */
  readonly maxUses?: number
  /** Milliseconds since 1970; `Date.now` by default. */
  readonly now?: () => number
}

/** A data key with its wrapped form. */
export interface DataKey {
  readonly plain: Uint8Array
  readonly wrapped: Uint8Array
}

interface Entry extends DataKey {
  readonly expiresAt: number
  uses: number
}

/**
 * Unwrapped data keys by what they were unwrapped with. SECURITY: it only saves the question to the
 * provider; whether the key may be used at all is asked of the records each time.
 */
export class DataKeyCache {
  readonly #entries: Map<string, Entry> = new Map()
  readonly #options: Required<DataKeyCacheOptions>

  constructor(options: DataKeyCacheOptions = {}) {
    const { maxAge = 300_000, maxEntries = 1000, maxUses = 10_000, now = Date.now } = options
    this.#options = { maxAge, maxEntries, maxUses, now }
  }

  /** A key that may be used once more, if there is one. */
  take(name: string): DataKey | null {
    const entry = this.#entries.get(name)
    if (entry === undefined) return null
    const { now, maxUses } = this.#options
    this.#entries.delete(name)
    if (entry.expiresAt <= now() || entry.uses >= maxUses) {
      entry.plain.fill(0)
      return null
    }
    entry.uses += 1
    // A Map keeps the order of insertion: the first is the longest unused.
    this.#entries.set(name, entry)
    // A copy: the entry may be wiped while the key is in use.
    return { plain: Uint8Array.from(entry.plain), wrapped: entry.wrapped }
  }

  put(name: string, { plain, wrapped }: DataKey): void {
    const { maxAge, maxEntries, now } = this.#options
    if (maxAge <= 0 || maxEntries <= 0) return
    this.#entries.get(name)?.plain.fill(0)
    this.#entries.delete(name)
    const expiresAt = now() + maxAge
    this.#entries.set(name, { plain: Uint8Array.from(plain), wrapped, expiresAt, uses: 1 })
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= maxEntries) break
      entry.plain.fill(0)
      this.#entries.delete(oldest)
    }
  }

  /** Number of keys kept. */
  get size(): number {
    return this.#entries.size
  }
}
