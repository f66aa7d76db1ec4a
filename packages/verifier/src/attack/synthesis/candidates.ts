import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import type { Column } from 'watertight/catalog'
import type { Token } from '../../expr/tokens.js'
import { samplePattern } from './sample-pattern.js'

/** What a condition's text asks for. */
export interface Wanted {
  readonly strings: readonly string[]
  readonly numbers: readonly number[]
  readonly patterns: readonly string[]
}

/** The literals and regular expressions of a condition. */
export function wantedBy(tokens: readonly Token[]): Wanted {
  return {
    strings: tokens.filter(({ kind }) => kind === 'string').map(({ text }) => text),
    numbers: tokens.filter(({ kind }) => kind === 'number').map(({ text }) => Number(text)),
    patterns: tokens.flatMap((token, index) => {
      if (token.kind !== 'string' || !(tokens[index - 1]?.text ?? '').startsWith('~')) return []
      const sample = samplePattern(token.text, (n) => randomInt(n))
      return sample === null ? [] : [sample]
    }),
  }
}

const day = 86_400_000

/** Values of the column's type that such a condition might accept, likeliest first. */
export function candidatesFor(column: Column, wanted: Wanted, serial: number): readonly string[] {
  const type = column.baseType.replace(/\(.*\)/, '')
  const { strings, numbers } = wanted
  const near = numbers.flatMap((n) => [n, n + 1, n - 1])
  const found = ((): readonly string[] => {
    if (type.endsWith('[]')) return lists(type, wanted)
    if (/^(smallint|integer|bigint)$/.test(type)) {
      const most = type === 'smallint' ? 32_767 : type === 'integer' ? 2_147_483_647 : 2 ** 53
      return [...near, ...strings.map(Number), 1, 0, 2, 10, 100, 1_000, 2_000, -1]
        .filter((n) => Number.isInteger(n) && Math.abs(n) <= most)
        .map(String)
    }
    if (/^(numeric|real|double precision|money)$/.test(type)) {
      return [...near, 1, 0, 0.5, 10, 100, -1].map(String)
    }
    if (type === 'boolean') return ['true', 'false']
    if (/^(date|timestamp)/.test(type)) return instants(strings)
    if (type.startsWith('time ')) return [...strings, '12:00', '08:00', '18:00', '00:00', '23:59']
    if (type === 'interval') return [...strings, '1 hour', '1 day', '30 days', '1 minute', '0']
    if (type === 'bytea') return [...numbers.filter((n) => n <= 4_096), 16, 32].map(bytes)
    if (type.startsWith('json')) return documents(wanted)
    if (type === 'uuid') return [randomUUID()]
    if (/^(inet|cidr)$/.test(type)) return ['192.0.2.1', '10.0.0.1', '2001:db8::1', '192.0.2.0/24']
    if (type.endsWith('range')) return ranges(type, near, serial)
    if (/(text|character|citext|bpchar|name|ltree)/.test(type)) return texts(wanted, serial)
    // A type of the schema's own: what ranges and composites are often written as.
    return [...strings, '(,)', '[1,2)', '{}']
  })()
  return [...new Set(found)].slice(0, most)
}

const most = 40

function bytes(length: number): string {
  return `\\x${randomBytes(Math.max(0, Math.trunc(length))).toString('hex')}`
}

function texts({ strings, numbers, patterns }: Wanted, serial: number): readonly string[] {
  const lengths = numbers.filter((n) => Number.isInteger(n) && n > 0 && n <= 4_096)
  const digits = (length: number): string => randomBytes(length).toString('hex').slice(0, length)
  return [
    ...patterns,
    ...strings,
    ...lengths.flatMap((n) => [digits(n), 'w'.repeat(n), 'W'.repeat(n), '7'.repeat(n)]),
    ...strings.flatMap((text) => [text.replaceAll(/[%_]/g, 'x'), `${text}${serial}`]),
    `w${serial}@example.com`,
    `w${serial}`,
    'en',
    'EUR',
    'EU',
    `W${serial}`,
    `https://w${serial}.example.com`,
    `w${serial}.example.com`,
    '+431234567',
    '1',
    'true',
    '{}',
  ]
}

function instants(strings: readonly string[]): readonly string[] {
  const parsed = strings.map((text) => Date.parse(text)).filter((at) => !Number.isNaN(at))
  const offsets = [1, 30, -1, -30, 400, -400, 0]
  return [
    ...parsed.flatMap((at) => [at, at + day, at - day]),
    ...offsets.map((days) => Date.now() + days * day),
  ].map((at) => new Date(at).toISOString())
}

function lists(type: string, { strings, numbers }: Wanted): readonly string[] {
  const element = /^(smallint|integer|bigint|numeric)/.test(type)
    ? ['1', '2', '3', ...numbers.map(String)]
    : type.startsWith('uuid')
      ? [randomUUID(), randomUUID()]
      : type.startsWith('boolean')
        ? ['true', 'false']
        : /^(date|timestamp)/.test(type)
          ? ['2024-01-01', '2030-01-01']
          : [...strings.filter((text) => text !== ''), 'a', 'b', 'c']
  const quoted = element.map((text) => JSON.stringify(text))
  const counts = [1, 2, 3, ...numbers.filter((n) => Number.isInteger(n) && n > 0 && n < 20)]
  return [
    ...quoted.map((text) => `{${text}}`),
    ...counts.map(
      (n) => `{${Array.from({ length: n }, (_, i) => quoted[i % quoted.length]).join()}}`,
    ),
    '{}',
  ]
}

/** Documents that have the keys which the condition names. */
function documents({ strings, numbers }: Wanted): readonly string[] {
  const types = new Set(['object', 'array', 'string', 'number', 'boolean', 'null'])
  const keys = [...new Set(strings.flatMap((text) => text.split(/[{},$.]+/)))].filter(
    (text) => text !== '' && !types.has(text),
  )
  const values: readonly unknown[] = ['w', 1, true, {}, [], ...numbers, ...keys]
  const each = values.map((value) => Object.fromEntries(keys.map((key) => [key, value])))
  const pairs = keys.flatMap((key) => keys.map((value) => ({ [key]: value })))
  return [
    ...each,
    ...pairs,
    ...numbers.flatMap((n) => keys.map((key) => ({ [key]: n + 1 }))),
    [],
    [1],
    ['w'],
    [{}],
    'w',
    1,
    true,
    {},
  ].map((value) => JSON.stringify(value))
}

/** Ranges that overlap none of the usual ones: exclusion constraints refuse those that do. */
function ranges(type: string, near: readonly number[], serial: number): readonly string[] {
  if (type.endsWith('multirange'))
    return ranges(type.replace('multi', ''), near, serial).map((r) => `{${r}}`)
  if (/date|ts/.test(type)) {
    const start = Date.UTC(2200, 0, 1) + (serial % 100_000) * day
    const text = (at: number): string => new Date(at).toISOString().slice(0, 10)
    const now = Date.now()
    return [
      `[${text(start)},${text(start + day)})`,
      `[${text(now)},${text(now + day)})`,
      `[${text(now)},)`,
      'empty',
      '(,)',
    ]
  }
  return [
    ...near.map((n) => `[${n},${n + 1})`),
    `[${1_000_000 + (serial % 1_000_000)},${1_000_001 + (serial % 1_000_000)})`,
    '[1,2)',
    'empty',
    '(,)',
  ]
}
