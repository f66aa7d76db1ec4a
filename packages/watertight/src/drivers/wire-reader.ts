import type { ResultField } from '../runtime/driver.js'

/** One backend message: its type byte as a character, and the whole of it. */
export interface WireMessage {
  readonly type: string
  /** Type byte and length included; the body starts at 5. */
  readonly bytes: Buffer
}

const header = 5

/** Cuts what a server sends into messages, whatever chunks it comes in. */
export class WireReader {
  #chunks: Buffer[] = []
  #length = 0
  #needed = header

  read(chunk: Buffer): WireMessage[] {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    const messages: WireMessage[] = []
    // A long message in many chunks is put together once, not with every chunk.
    if (this.#length < this.#needed) return messages
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks)
    let start = 0
    for (;;) {
      const rest = bytes.length - start
      this.#needed = header
      if (rest < header) break
      this.#needed = 1 + bytes.readUInt32BE(start + 1)
      if (rest < this.#needed) break
      const message = bytes.subarray(start, start + this.#needed)
      messages.push({ type: String.fromCharCode(message[0] ?? 0), bytes: message })
      start += this.#needed
    }
    this.#chunks = start === bytes.length ? [] : [bytes.subarray(start)]
    this.#length = bytes.length - start
    return messages
  }
}

/** A column, with the table that it comes from, if any. */
export interface WireField extends ResultField {
  readonly tableID: number
  readonly columnID: number
}

export function readRowDescription(bytes: Buffer): WireField[] {
  const fields: WireField[] = []
  let at = header + 2
  for (let count = bytes.readUInt16BE(header); count > 0; count -= 1) {
    const end = bytes.indexOf(0, at)
    const name = bytes.toString('utf8', at, end)
    fields.push({
      name,
      tableID: bytes.readUInt32BE(end + 1),
      columnID: bytes.readUInt16BE(end + 5),
      dataTypeID: bytes.readUInt32BE(end + 7),
    })
    at = end + 19
  }
  return fields
}

/** The values of a row in text format. */
export function readDataRow(bytes: Buffer): (string | null)[] {
  const count = bytes.readUInt16BE(header)
  const values: (string | null)[] = []
  let at = header + 2
  for (let column = 0; column < count; column += 1) {
    const length = bytes.readInt32BE(at)
    at += 4
    values.push(length < 0 ? null : bytes.toString('utf8', at, at + length))
    if (length > 0) at += length
  }
  return values
}

/** The object ids of the types of the parameters of a statement. */
export function readParameterTypes(bytes: Buffer): number[] {
  const count = bytes.readUInt16BE(header)
  return Array.from({ length: count }, (_, index) => bytes.readUInt32BE(header + 2 + index * 4))
}

export function readCommandTag(bytes: Buffer): { command: string; rowCount: number | null } {
  const tag = bytes.toString('utf8', header, bytes.length - 1)
  const match = /^([A-Za-z]+)(?:.* (\d+))?/.exec(tag)
  return { command: match?.[1] ?? '', rowCount: match?.[2] === undefined ? null : +match[2] }
}

/** The fields of an ErrorResponse by their letter (manual, section 54.8). */
export function readErrorFields(bytes: Buffer): Map<string, string> {
  const fields = new Map<string, string>()
  for (let at = header; at < bytes.length && bytes[at] !== 0;) {
    const end = bytes.indexOf(0, at)
    if (end < 0) break
    fields.set(String.fromCharCode(bytes[at] ?? 0), bytes.toString('utf8', at + 1, end))
    at = end + 1
  }
  return fields
}
