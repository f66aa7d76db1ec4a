import type { CancelOutcome } from './cancel-request.js'

/**
 * Keeps cancel requests of a connection to the flight that they were meant for. A request travels
 * on a connection of its own, so it can arrive when that flight has landed: what comes next on the
 * connection has to wait, and a connection on which a request may still arrive is not reused.
 */
export class CancelGuard {
  readonly #send: () => Promise<CancelOutcome>
  #flying = false
  #hit = false
  #outcomes: CancelOutcome[] = []
  #pending: Promise<void> | null = null
  #tainted = false

  constructor(send: () => Promise<CancelOutcome>) {
    this.#send = send
  }

  /** The request that is on its way: nothing may be sent, and nobody else served, before its end. */
  get pending(): Promise<void> | null {
    return this.#pending
  }

  /** True when a request may still arrive, so that the connection has to be closed. */
  get tainted(): boolean {
    return this.#tainted
  }

  started(): void {
    this.#flying = true
  }

  /** `hit`: the flight ended with the error of a cancelled statement. */
  landed(hit: boolean): void {
    this.#flying = false
    this.#hit = hit
    for (const outcome of this.#outcomes.splice(0)) this.#judge(outcome)
  }

  /** Resolves when the request is over, at once without a flight in progress. */
  cancel(): Promise<void> {
    if (this.#pending !== null) return this.#pending
    if (!this.#flying) return Promise.resolve()
    this.#pending = this.#send().then((outcome) => {
      this.#pending = null
      if (this.#flying) this.#outcomes.push(outcome)
      else this.#judge(outcome)
    })
    return this.#pending
  }

  #judge(outcome: CancelOutcome): void {
    // `delivered` holds for the server itself; a pooler may hang up before it has passed it on.
    if (outcome === 'uncertain' || (outcome === 'delivered' && !this.#hit)) this.#tainted = true
  }
}
