/** Bytes that a writer keeps for the next messages; what needed more is given back. */
const keptBytes = 65_536
/** Characters up to which room for the longest encoding, three bytes each, is simply taken. */
const shortText = 1_024

const codes = {
  parse: 0x50,
  bind: 0x42,
  describe: 0x44,
  close: 0x43,
  execute: 0x45,
  sync: 0x53,
  flush: 0x48,
  copyData: 0x64,
  copyDone: 0x63,
  copyFail: 0x66,
} as const

/** A parameter as it goes over the wire: text, bytes in binary format, or NULL. */
export type WireValue = string | Buffer | null

/** Builds frontend messages of the PostgreSQL protocol, version 3 (manual, section 54.7). */
export class WireWriter {
  #buffer: Buffer = Buffer.allocUnsafe(1024)
  #end = 0
  #start = 0

  /** What was written since the last call. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#end))
    this.#end = 0
    if (this.#buffer.length > keptBytes) this.#buffer = Buffer.allocUnsafe(1024)
    return bytes
  }

  /** Forgets what was written since the last call of `take`. */
  clear(): void {
    this.#end = 0
  }

  parse(name: string, text: string, types: readonly number[]): void {
    this.#begin(codes.parse)
    this.#text(name)
    this.#text(text)
    this.#int16(types.length)
    for (const type of types) this.#int32(type)
    this.#finish()
  }

  /** Results in text format, or all of them in binary. */
  bind(statement: string, values: readonly WireValue[], isBinary = false): void {
    this.#begin(codes.bind)
    this.#text('')
    this.#text(statement)
    this.#formats(values)
    this.#int16(values.length)
    for (const value of values) this.#value(value)
    this.#int16(isBinary ? 1 : 0)
    if (isBinary) this.#int16(1)
    this.#finish()
  }

  describePortal(): void {
    this.#describe('P', '')
  }

  describeStatement(name: string): void {
    this.#describe('S', name)
  }

  /** Ends a prepared statement; that there is none is no error. */
  closeStatement(name: string): void {
    this.#begin(codes.close)
    this.#text(`S${name}`)
    this.#finish()
  }

  execute(): void {
    this.#begin(codes.execute)
    this.#text('')
    this.#int32(0)
    this.#finish()
  }

  sync(): void {
    this.#begin(codes.sync)
    this.#finish()
  }

  flush(): void {
    this.#begin(codes.flush)
    this.#finish()
  }

  copyData(chunk: Uint8Array): void {
    this.#begin(codes.copyData)
    this.#bytes(chunk)
    this.#finish()
  }

  copyDone(): void {
    this.#begin(codes.copyDone)
    this.#finish()
  }

  copyFail(reason: string): void {
    this.#begin(codes.copyFail)
    this.#text(reason)
    this.#finish()
  }

  #describe(kind: string, name: string): void {
    this.#begin(codes.describe)
    this.#characters(kind)
    this.#text(name)
    this.#finish()
  }

  /** None stands for text throughout. */
  #formats(values: readonly WireValue[]): void {
    if (!values.some((value) => typeof value === 'object' && value !== null)) return this.#int16(0)
    this.#int16(values.length)
    for (const value of values) this.#int16(typeof value === 'object' && value !== null ? 1 : 0)
  }

  #value(value: WireValue): void {
    if (value === null) return this.#int32(-1)
    if (typeof value !== 'string') {
      this.#int32(value.length)
      this.#bytes(value)
      return
    }
    this.#int32(0)
    const start = this.#end
    this.#characters(value)
    this.#int32At(this.#end - start, start - 4)
  }

  #begin(code: number): void {
    this.#reserve(5)
    this.#buffer[this.#end] = code
    this.#start = this.#end + 1
    this.#end += 5
  }

  #finish(): void {
    this.#int32At(this.#end - this.#start, this.#start)
  }

  #int16(value: number): void {
    this.#reserve(2)
    this.#buffer[this.#end] = value >>> 8
    this.#buffer[this.#end + 1] = value
    this.#end += 2
  }

  #int32(value: number): void {
    this.#reserve(4)
    this.#int32At(value, this.#end)
    this.#end += 4
  }

  #int32At(value: number, index: number): void {
    this.#buffer[index] = value >>> 24
    this.#buffer[index + 1] = value >>> 16
    this.#buffer[index + 2] = value >>> 8
    this.#buffer[index + 3] = value
  }

  #bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /** SECURITY: the text ends at NUL, so callers refuse texts that hold one. */
  #text(value: string): void {
    if (value !== '') this.#characters(value)
    this.#reserve(1)
    this.#buffer[this.#end] = 0
    this.#end += 1
  }

  #characters(value: string): void {
    const { length } = value
    this.#reserve(length > shortText ? Buffer.byteLength(value) : 3 * length)
    this.#end += this.#buffer.write(value, this.#end)
  }

  #reserve(length: number): void {
    const needed = this.#end + length
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#end)
    this.#buffer = larger
  }
}
