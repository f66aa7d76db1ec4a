/** What holds the server back: a stream that can stop reading for a while. */
export interface Flow {
  pause(): void
  resume(): void
}

/** Hands the chunks of a COPY to its consumer, one at a time, and holds the server back. */
export class CopyConsumer {
  readonly #onChunk: (chunk: Uint8Array) => void | Promise<void>
  readonly #onFailure: () => void
  #flow: Flow | null = null
  #waiting: Uint8Array[] = []
  #work: Promise<void> | null = null
  #failure: { readonly cause: unknown } | null = null
  #stopped = false

  constructor(onChunk: (chunk: Uint8Array) => void | Promise<void>, onFailure: () => void) {
    this.#onChunk = onChunk
    this.#onFailure = onFailure
  }

  /** What the consumer threw; what came afterwards was discarded. */
  get failure(): { readonly cause: unknown } | null {
    return this.#failure
  }

  start(flow: Flow): void {
    this.#flow = flow
  }

  accept(chunk: Uint8Array): void {
    if (this.#stopped) return
    this.#waiting.push(chunk)
    if (this.#work === null) this.#drain()
  }

  /** Discards what waits and what comes, without a failure. */
  stop(): void {
    this.#stopped = true
    this.#waiting = []
  }

  /** Resolves when the consumer is done with every chunk; never rejects. */
  async finished(): Promise<void> {
    await this.#work
  }

  /** Runs as long as the consumer answers at once; the first promise turns it into work. */
  #drain(): void {
    try {
      for (;;) {
        const chunk = this.#waiting.shift()
        if (chunk === undefined) return
        const answer = this.#onChunk(chunk)
        if (answer !== undefined) {
          this.#work = this.#await(answer)
          return
        }
      }
    } catch (cause) {
      this.#fail(cause)
    }
  }

  async #await(answer: Promise<void>): Promise<void> {
    this.#flow?.pause()
    try {
      await answer
      for (;;) {
        const chunk = this.#waiting.shift()
        if (chunk === undefined) break
        await this.#onChunk(chunk)
      }
    } catch (cause) {
      this.#fail(cause)
    } finally {
      this.#work = null
      this.#flow?.resume()
    }
  }

  #fail(cause: unknown): void {
    if (this.#stopped) return
    this.#failure = { cause }
    this.stop()
    this.#onFailure()
  }
}
