import type { Flight, LandedFlight, Statement } from '../runtime/driver.js'
import type { PgClient } from './pg-protocol.js'
import type { RowShape } from './pg-rows.js'
import { isInputFailure, isReplanFailure, mayGoAgain } from './stale-statement.js'
import { isFamiliar, maxPrepared, statementName } from './statement-names.js'

/** Which statements a driver keeps prepared; see `PgDriverOptions.prepare`. */
export type Preparing = 'all' | 'familiar' | 'none'

/** Stale names after which a driver stops naming: what answers is no server of its own. */
const maxStale = 16

/** What the connections of one driver have in common. */
export class PreparePolicy {
  #preparing: Preparing
  #stale = 0

  constructor(preparing: Preparing) {
    this.#preparing = preparing
  }

  get preparing(): Preparing {
    return this.#preparing
  }

  /**
   * Whether the answer to a name comes from where it was prepared. A pooler may have prepared it
   * anew on another server, when a table had other columns.
   */
  isDirect = false

  stop(): void {
    this.#preparing = 'none'
  }

  noteStale(): void {
    this.#stale += 1
    if (this.#preparing === 'familiar' && this.#stale > maxStale) this.stop()
  }
}

/** SQLSTATEs of a name that the server does not know, or knows although it should not. */
const strangers: ReadonlySet<string> = new Set(['26000', '42P05'])

/** What the connection of a client has prepared; two drivers may share a pool. */
interface KeptNames {
  readonly known: Map<string, RowShape | null>
  readonly closing: Set<string>
}

const keptBy = new WeakMap<PgClient, KeptNames>()

/** The names that one connection has prepared. */
export class PreparedNames implements KeptNames {
  /** Names that the server knows, and the columns of their results once seen; flights add to it. */
  readonly known: KeptNames['known']
  /** Names that the server is to close before it prepares anything under them again. */
  readonly closing: KeptNames['closing']
  readonly #refused = new Set<string>()
  readonly #policy: PreparePolicy

  constructor(client: PgClient, policy: PreparePolicy) {
    const kept = keptBy.get(client) ?? { known: new Map(), closing: new Set() }
    keptBy.set(client, kept)
    this.known = kept.known
    this.closing = kept.closing
    this.#policy = policy
  }

  /** Whether a statement by its name needs no description, once there was one. */
  get keepsShapes(): boolean {
    return this.#policy.isDirect
  }

  /** Whether a flight may have named statements. */
  get areUsed(): boolean {
    return this.#policy.preparing !== 'none'
  }

  nameOf({ text, values }: Statement): string | null {
    // What is never named need not be remembered either.
    if (values.length === 0) return null
    if (this.#policy.preparing === 'familiar' && !isFamiliar(text)) return null
    const name = statementName(text, values)
    if (name === null || this.#refused.has(name)) return null
    this.#makeRoom(name)
    return name
  }

  /** What was used last is kept; what has not been used for the longest time goes first. */
  #makeRoom(name: string): void {
    const shape = this.known.get(name)
    if (shape !== undefined) {
      this.known.delete(name)
      this.known.set(name, shape)
      return
    }
    for (const oldest of this.known.keys()) {
      if (this.known.size < maxPrepared) return
      this.#retire(oldest)
    }
  }

  #retire(name: string): void {
    this.known.delete(name)
    this.closing.add(name)
  }

  /**
   * Takes note of a flight that failed for a name and not for itself: somebody ran DEALLOCATE or
   * DISCARD, a pooler switched servers, or a table has other columns or types than when it was planned for.
   * True when it may be sent again, without names: at most its transaction began, and contexts ran.
   */
  hasGoneStale(flight: Flight, statements: readonly Statement[]): flight is LandedFlight {
    if (flight.kind === 'lost' || flight.failure?.origin !== 'server') return false
    const { index, cause } = flight.failure
    const { code } = cause as { code?: unknown }
    const isInput = isInputFailure(flight)
    const isOutdated = isInput || isReplanFailure(flight)
    const isStranger = typeof code === 'string' && strangers.has(code)
    if (!isOutdated && !isStranger) return false
    const failed = statements[index]
    const name = failed === undefined ? null : statementName(failed.text, failed.values)
    if (name === null || (isOutdated && !this.known.has(name))) return false
    if (code === '26000') this.known.clear()
    // SECURITY: a name that somebody else has prepared may stand for anything.
    else if (isStranger) this.#refused.add(name)
    else if (isInput || this.#policy.isDirect) this.#retire(name)
    else this.#refused.add(name)
    // Tables are altered under many connections at once; a name gets lost where somebody else answers.
    if (isStranger) this.#policy.noteStale()
    return mayGoAgain(flight, statements)
  }
}
