import type { Socket } from 'node:net'

/** Bytes that may wait in a slow pipe before its source is held back. */
const capacity = 65_536

/** One direction of a proxied connection: what is read from `source` goes to `target`, in order. */
export class FaultPipe {
  readonly #source: Socket
  readonly #target: Socket
  #waiting: Buffer[] = []
  #bytes = 0
  #milliseconds = 0
  #bytesPerSecond = Infinity
  #stalled = false
  #closed = false
  #ending = false
  #timer: NodeJS.Timeout | null = null

  constructor(source: Socket, target: Socket) {
    this.#source = source
    this.#target = target
    target.on('drain', () => this.#resume())
  }

  forward(bytes: Buffer): void {
    if (this.#closed || this.#ending) return
    if (!this.#slow && this.#waiting.length === 0) {
      if (!this.#target.write(bytes)) this.#source.pause()
      return
    }
    this.#waiting.push(bytes)
    this.#bytes += bytes.length
    if (this.#bytes > capacity) this.#source.pause()
    this.#schedule()
  }

  delay(milliseconds: number): void {
    this.#milliseconds = milliseconds
  }

  throttle(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond
  }

  stall(): void {
    this.#stalled = true
  }

  heal(): void {
    this.#stalled = false
    this.#milliseconds = 0
    this.#bytesPerSecond = Infinity
    this.#schedule()
  }

  /** Closes both sides once all that was accepted has been passed on. */
  endAfterwards(): void {
    this.#ending = true
    if (this.#waiting.length === 0) this.#end()
  }

  /** Nothing passes any more. */
  close(): void {
    this.#closed = true
    this.#waiting = []
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  get #slow(): boolean {
    return this.#stalled || this.#milliseconds > 0 || this.#bytesPerSecond !== Infinity
  }

  /**
   * Passes on together what waits: a wire delays messages side by side, and a timer for each row of
   * a long answer would take minutes for what takes milliseconds.
   */
  #schedule(): void {
    if (this.#timer !== null || this.#stalled || this.#closed || this.#waiting.length === 0) return
    const { count, length } = this.#nextGroup()
    const wait = this.#milliseconds + (length / this.#bytesPerSecond) * 1000
    this.#timer = setTimeout(() => {
      this.#timer = null
      if (this.#stalled || this.#closed) return
      this.#target.write(Buffer.concat(this.#waiting.splice(0, count)))
      this.#bytes -= length
      this.#resume()
      if (this.#waiting.length === 0 && this.#ending) this.#end()
      this.#schedule()
    }, wait)
  }

  /** One message at least, and what the bandwidth lets through in the same hundredth of a second. */
  #nextGroup(): { readonly count: number; readonly length: number } {
    const most = this.#bytesPerSecond / 100
    let length = this.#waiting[0]?.length ?? 0
    let count = 1
    for (const further of this.#waiting.slice(1)) {
      if (length + further.length > most) break
      length += further.length
      count += 1
    }
    return { count, length }
  }

  #resume(): void {
    if (this.#bytes <= capacity && !this.#stalled) this.#source.resume()
  }

  #end(): void {
    this.#target.end()
    this.#source.end()
    this.close()
  }
}
