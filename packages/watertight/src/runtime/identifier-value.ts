import type { KeyType } from '../model/index.js'

/** Longest id or capability, in UTF-16 code units. */
const maxIdLength = 256

export type ParsedId =
  { readonly ok: true; readonly id: string } | { readonly ok: false; readonly message: string }

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const decimal = /^(?:0|-?[1-9][0-9]{0,18})$/
const int8 = { min: -(2n ** 63n), max: 2n ** 63n - 1n }

function accepted(id: string): ParsedId {
  return { ok: true, id }
}

function rejected(message: string): ParsedId {
  return { ok: false, message }
}

function parseUuid(): ParsedId {
  return rejected('is not a uuid')
}

function parseBigint(value: string): ParsedId {
  if (!decimal.test(value)) return rejected('is not a whole number in decimal notation')
  const number = BigInt(value)
  return number >= int8.min && number <= int8.max
    ? accepted(value)
    : rejected('is outside the range of bigint (8 bytes)')
}

function parseText(value: string): ParsedId {
  if (value.trim() !== value) return rejected('has white space around it')
  if (/\p{Surrogate}/u.test(value)) return rejected('is not well-formed Unicode')
  return accepted(value)
}

const parsers: Record<KeyType, (value: string) => ParsedId> = {
  uuid: parseUuid,
  bigint: parseBigint,
  text: parseText,
}

/**
 * Parses an id into the canonical text that PostgreSQL prints for its type. The value itself never
 * appears in a message.
 */
export function parseId(value: unknown, type: KeyType): ParsedId {
  // Most ids are, and what is one has none of the faults below.
  if (type === 'uuid' && typeof value === 'string' && uuid.test(value)) {
    return accepted(value.toLowerCase())
  }
  const text = type === 'bigint' && typeof value === 'bigint' ? value.toString() : value
  if (typeof text !== 'string') {
    return rejected(`must be a string that holds a ${type}, not ${kindOf(text)}`)
  }
  if (text.length > maxIdLength) return rejected(`is longer than ${maxIdLength} characters`)
  if (text.trim() === '') return rejected('is empty')
  if (text.includes('\0')) return rejected('holds a NUL character')
  return parsers[type](text)
}

/** What a rejected value is, in words, without the value. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  return value === undefined ? 'undefined' : `a ${typeof value}`
}
