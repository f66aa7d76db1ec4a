import { setImmediate } from 'node:timers/promises'

/** Where the data of a COPY goes. */
export interface CopySink {
  /** Returns a promise when the connection is full, resolved once it drains. */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** All was written. */
  done(): void
  /** The source failed, so the server must store nothing. */
  fail(): void
}

/** Bytes per message: large enough to be cheap, small enough not to hold up memory. */
const chunkSize = 65_536

/** Feeds a COPY from its source, as fast as the sink takes it and other work of the process gets its turns. */
export class CopySource {
  readonly #source: AsyncIterable<Uint8Array>
  #iterator: AsyncIterator<Uint8Array> | null = null
  #stopped = false
  #failure: { readonly cause: unknown } | null = null

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source
  }

  /** What the source threw. */
  get failure(): { readonly cause: unknown } | null {
    return this.#failure
  }

  /** Runs until the source or the sink ends; never rejects. */
  async pump(sink: CopySink): Promise<void> {
    if (this.#stopped) return
    let unbroken = 0
    try {
      this.#iterator = this.#source[Symbol.asyncIterator]()
      for (;;) {
        const step = await this.#iterator.next()
        if (this.#stopped) return
        if (step.done === true) break
        const value: Uint8Array = step.value
        if (!((value as unknown) instanceof Uint8Array)) {
          throw new TypeError('the source of a COPY must yield Uint8Array chunks')
        }
        for (let start = 0; start < value.length && !this.#stopped; start += chunkSize) {
          await sink.write(value.subarray(start, start + chunkSize))
        }
        unbroken += value.length
        // Neither source nor sink need ever wait: then nothing else would run, the server's error would
        // not be read, and no signal would be heard, before the last chunk.
        if (unbroken >= chunkSize) {
          unbroken = 0
          await setImmediate()
        }
        if (this.#stopped) return
      }
      this.#stopped = true
      sink.done()
    } catch (cause) {
      if (this.#stopped) return
      this.#failure = { cause }
      sink.fail()
      this.stop()
    }
  }

  /** Lets go of the source, which may be waiting for data; the sink gets nothing more. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    // Also of a source that was never read, which may hold a file open. In a promise chain: it may
    // throw at once, and there is nobody left to tell.
    void Promise.resolve()
      .then(() => (this.#iterator ?? this.#source[Symbol.asyncIterator]()).return?.())
      .catch(() => undefined)
  }
}
