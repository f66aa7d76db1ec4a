/** One message of the PostgreSQL protocol, version 3. */
export interface Frame {
  /** The type byte; empty for the start-up messages, which have none. */
  readonly type: string
  readonly bytes: Buffer
}

/** Cuts a byte stream into messages, whatever chunks it comes in. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)
  #starting: boolean

  constructor(side: 'client' | 'server') {
    this.#starting = side === 'client'
  }

  read(chunk: Buffer): Frame[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const frames: Frame[] = []
    for (;;) {
      const header = this.#starting ? 0 : 1
      if (this.#rest.length < header + 4) return frames
      const length = header + this.#rest.readInt32BE(header)
      if (this.#rest.length < length) return frames
      const bytes = this.#rest.subarray(0, length)
      frames.push({ type: this.#starting ? '' : String.fromCharCode(bytes[0] ?? 0), bytes })
      this.#starting = false
      this.#rest = this.#rest.subarray(length)
    }
  }
}
