/** Builds frontend messages of the PostgreSQL protocol, version 3 (manual, section 54.7). */
export class WireWriter {
  #buffer: Buffer = Buffer.allocUnsafe(1024)
  #end = 0
  #start = 0

  /** What was written since the last call. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#end))
    this.#end = 0
    return bytes
  }

  parse(name: string, text: string, types: readonly number[]): void {
    this.#begin('P')
    this.#text(name)
    this.#text(text)
    this.#int16(types.length)
    for (const type of types) this.#int32(type)
    this.#finish()
  }

  /** Parameters and results in text format. */
  bind(statement: string, values: readonly (string | null)[]): void {
    this.#begin('B')
    this.#text('')
    this.#text(statement)
    this.#int16(0)
    this.#int16(values.length)
    for (const value of values) {
      if (value === null) {
        this.#int32(-1)
        continue
      }
      const length = Buffer.byteLength(value)
      this.#int32(length)
      this.#reserve(length)
      this.#end += this.#buffer.write(value, this.#end)
    }
    this.#int16(0)
    this.#finish()
  }

  describePortal(): void {
    this.#describe('P', '')
  }

  describeStatement(name: string): void {
    this.#describe('S', name)
  }

  execute(): void {
    this.#begin('E')
    this.#text('')
    this.#int32(0)
    this.#finish()
  }

  sync(): void {
    this.#begin('S')
    this.#finish()
  }

  flush(): void {
    this.#begin('H')
    this.#finish()
  }

  copyData(chunk: Uint8Array): void {
    this.#begin('d')
    this.#reserve(chunk.length)
    this.#buffer.set(chunk, this.#end)
    this.#end += chunk.length
    this.#finish()
  }

  copyDone(): void {
    this.#begin('c')
    this.#finish()
  }

  copyFail(reason: string): void {
    this.#begin('f')
    this.#text(reason)
    this.#finish()
  }

  #describe(kind: string, name: string): void {
    this.#begin('D')
    this.#reserve(1)
    this.#end += this.#buffer.write(kind, this.#end, 'latin1')
    this.#text(name)
    this.#finish()
  }

  #begin(type: string): void {
    this.#reserve(5)
    this.#end += this.#buffer.write(type, this.#end, 'latin1')
    this.#start = this.#end
    this.#end += 4
  }

  #finish(): void {
    this.#buffer.writeInt32BE(this.#end - this.#start, this.#start)
  }

  #int16(value: number): void {
    this.#reserve(2)
    this.#end = this.#buffer.writeUInt16BE(value, this.#end)
  }

  #int32(value: number): void {
    this.#reserve(4)
    this.#end = this.#buffer.writeInt32BE(value | 0, this.#end)
  }

  /** SECURITY: the text ends at NUL, so callers refuse texts that hold one. */
  #text(value: string): void {
    this.#reserve(Buffer.byteLength(value) + 1)
    this.#end += this.#buffer.write(value, this.#end)
    this.#buffer[this.#end] = 0
    this.#end += 1
  }

  #reserve(length: number): void {
    const needed = this.#end + length
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#end)
    this.#buffer = larger
  }
}
