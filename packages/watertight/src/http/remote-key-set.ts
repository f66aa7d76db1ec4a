import { WatertightError } from '../errors/index.js'
import { fetchKeySet } from './fetch-key-set.js'
import type { FetchLimits } from './fetch-key-set.js'
import type { KeyResolver } from './verification-keys.js'
import { isUnknownKey, keyResolver } from './verification-keys.js'

/** How long fetched keys are used, in seconds unless it says otherwise. */
export interface RemoteKeyOptions {
  /** Time-out of one fetch in milliseconds, the body included; 3000 by default. */
  readonly timeoutMs?: number
  /** Age at which the set is fetched anew; 600 by default. */
  readonly maxAge?: number
  /** Least time between two fetches on account of unknown keys; 30 by default. */
  readonly cooldown?: number
  /** How long past `maxAge` known keys are still accepted while fetching fails; 3600 by default. */
  readonly staleIfError?: number
  /** Greatest size of the set in bytes; 262144 by default. */
  readonly maxBytes?: number
}

/** Least time in milliseconds between a fetch that failed and the next. */
const retryMs = 2000

interface FetchedKeys {
  readonly resolve: KeyResolver
  readonly at: number
}

/**
 * The key set (RFC 7517) behind a URL: fetched when first needed, once for all who wait, again when
 * it is old and when a token names a key it does not hold. When fetching fails, the keys it holds
 * are used for a bounded time.
 *
 * Ages are measured on the monotonic clock: setting the system clock back keeps no key alive.
 */
export class RemoteKeySet {
  readonly #url: URL
  readonly #limits: FetchLimits
  readonly #maxAge: number
  readonly #cooldown: number
  readonly #staleIfError: number
  readonly #elapsed: () => number
  #held: FetchedKeys | null = null
  #failure: { readonly error: WatertightError; readonly at: number } | null = null
  #pending: Promise<void> | null = null

  constructor(url: URL, options: RemoteKeyOptions, elapsed: () => number) {
    this.#url = url
    this.#limits = {
      timeoutMs: options.timeoutMs ?? 3000,
      maxBytes: options.maxBytes ?? 262_144,
    }
    this.#maxAge = (options.maxAge ?? 600) * 1000
    this.#cooldown = (options.cooldown ?? 30) * 1000
    this.#staleIfError = (options.staleIfError ?? 3600) * 1000
    this.#elapsed = elapsed
  }

  /**
   * The key for the header of a token.
   *
   * @throws KEYS_UNAVAILABLE when there is no telling, because the set cannot be fetched; the error
   * of `jose` when the set holds no such key.
   */
  readonly resolve: KeyResolver = async (header, token) => {
    if (!this.#youngerThan(this.#maxAge)) await this.#refresh()
    const held = this.#usable()
    try {
      return await held.resolve(header, token)
    } catch (error) {
      if (!isUnknownKey(error)) throw error
      if (!this.#youngerThan(this.#cooldown)) await this.#refresh()
      const newer = this.#usable()
      if (newer === held) throw this.#failure?.error ?? error
      return newer.resolve(header, token)
    }
  }

  #youngerThan(milliseconds: number): boolean {
    return this.#held !== null && this.#elapsed() - this.#held.at < milliseconds
  }

  #usable(): FetchedKeys {
    if (this.#held !== null && this.#youngerThan(this.#maxAge + this.#staleIfError)) {
      return this.#held
    }
    throw this.#failure?.error ?? keysUnavailable('they were not fetched')
  }

  /** Fetches, unless that has failed a moment ago. Never rejects. */
  #refresh(): Promise<void> {
    if (this.#failure !== null && this.#elapsed() - this.#failure.at < retryMs) {
      return Promise.resolve()
    }
    this.#pending ??= this.#fetch().finally(() => {
      this.#pending = null
    })
    return this.#pending
  }

  async #fetch(): Promise<void> {
    const fetched = await fetchKeySet(this.#url, this.#limits)
    if (fetched.ok) {
      this.#held = { resolve: keyResolver(fetched.keys), at: this.#elapsed() }
      this.#failure = null
    } else {
      this.#failure = { error: keysUnavailable(fetched.reason), at: this.#elapsed() }
    }
  }
}

/** SECURITY: without a cause and without the address, which may hold a credential. */
function keysUnavailable(reason: string): WatertightError {
  return new WatertightError(
    'KEYS_UNAVAILABLE',
    `the keys that tokens are verified with cannot be had: ${reason}`,
    { object: 'createTokenVerifier', hint: 'Check that `jwks` is the issuer’s jwks_uri.' },
  )
}
