import type { Random } from '../../../../test/random.js'
import type { JsonSchema } from './json-schema.js'

/** What values are drawn with. */
export interface ValueSource {
  readonly random: Random
  /** An id that a member of this name could have. */
  id(name: string): string
  /** A text that tells who wrote it. */
  mark(): string
}

const day = 86_400_000

/** A value that the schema allows, at its bounds more often than not. */
export function valueOf(schema: JsonSchema, source: ValueSource, name = ''): unknown {
  const { random } = source
  const { const: only, enum: choices } = schema
  const options = schema.anyOf ?? schema.oneOf
  if (only !== undefined) return only
  if (choices !== undefined) return random.pick(choices)
  if (options !== undefined) return valueOf(random.pick(options), source, name)
  switch (random.pick([schema.type].flat())) {
    case 'object':
      return objectOf(schema, source)
    case 'array':
      return listOf(schema, source, name)
    case 'integer':
    case 'number':
      return numberOf(schema, random)
    case 'boolean':
      return random.chance(0.5)
    case 'null':
      return null
    case 'string':
      return textOf(schema, source, name)
    case undefined:
      return random.pick([null, 1, 'any', true, ['any'], { any: source.mark() }])
  }
}

function objectOf(schema: JsonSchema, source: ValueSource): unknown {
  const { properties = {}, required = [], additionalProperties, propertyNames = {} } = schema
  const optional = source.random.pick([0, 0.3, 0.7, 1])
  const members = Object.entries(properties)
    .filter(([key]) => required.includes(key) || source.random.chance(optional))
    .map(([key, property]) => [key, valueOf(property, source, key)] as const)
  const others =
    typeof additionalProperties === 'object'
      ? Array.from({ length: source.random.int(3) }, () => [
          String(valueOf({ type: 'string', ...propertyNames }, source)),
          valueOf(additionalProperties, source),
        ])
      : []
  return Object.fromEntries([...members, ...others]) as unknown
}

function listOf(
  { items = {}, minItems = 0, maxItems = 4 }: JsonSchema,
  source: ValueSource,
  name: string,
): unknown {
  const most = Math.min(maxItems, Math.max(minItems, 4))
  const length = minItems + source.random.int(most - minItems + 1)
  return Array.from({ length }, () => valueOf(items, source, name.replace(/s$/, '')))
}

function numberOf(
  { type, minimum = -1000, maximum = 1000, multipleOf }: JsonSchema,
  random: Random,
): number {
  const near = minimum + random.int(Math.min(maximum - minimum, 100) + 1)
  const drawn = random.pick([
    near,
    near,
    near,
    minimum,
    maximum,
    Math.min(maximum, Math.max(minimum, 1)),
  ])
  const step = multipleOf ?? (type === 'integer' ? 1 : 0.25)
  return Math.min(maximum, Math.max(minimum, Math.round(drawn / step) * step))
}

function textOf(schema: JsonSchema, source: ValueSource, name: string): string {
  const { format, pattern, minLength = 0, maxLength = 2000 } = schema
  const { random } = source
  switch (format) {
    case 'uuid':
      return source.id(name)
    case 'date-time':
      return timeOf(random)
    case 'date':
      return timeOf(random).slice(0, 10)
    case 'email':
      return `${source.mark()}@people.example`
    case 'uri':
      return `https://93.184.215.14/${source.mark()}`
    case 'ipv4':
      return `10.0.${String(random.int(256))}.${String(random.int(256))}`
    case 'ipv6':
      return `2001:db8::${random.int(65_536).toString(16)}`
    case undefined:
    default:
  }
  const fitting = candidatesOf(source, minLength, maxLength).filter(
    (text) =>
      text.length >= minLength &&
      text.length <= maxLength &&
      (pattern === undefined || new RegExp(pattern, 'u').test(text)),
  )
  return fitting.length === 0 ? source.mark() : random.pick(fitting)
}

/** Texts of every form that a pattern of the platform asks for. */
function candidatesOf(
  source: ValueSource,
  minLength: number,
  maxLength: number,
): readonly string[] {
  const { random } = source
  const mark = source.mark()
  const hex = (length: number): string =>
    Array.from({ length }, () => random.int(16).toString(16)).join('')
  return [
    mark,
    mark,
    `${mark} Ünïcödé 漢字 🙂`,
    `${mark}\n\t' " \\ <b> {{name}}`,
    mark.padEnd(maxLength, 'z'),
    mark.slice(0, Math.max(minLength, 1)),
    'q1',
    'a',
    'DE',
    'EUR',
    'de-DE',
    'en',
    '1.0',
    '8080',
    'alert.opened',
    'eu-west',
    `${mark}.name`,
    hex(64),
    hex(12).toUpperCase(),
    `WT${hex(6)}`.toUpperCase(),
    Array.from({ length: 6 }, () => hex(2)).join(':'),
    'Europe/Berlin',
    'image/png',
    'a secret that is long enough',
  ]
}

function timeOf(random: Random): string {
  const offset = random.pick([1, 1, 2, 3, 30, 300, -1, -30, 0]) * day + random.int(day)
  const time = new Date(Date.now() + offset).toISOString()
  return random.pick([
    time,
    time,
    time,
    time,
    time.replace('Z', '+02:00'),
    time.replace(/\.\d+Z$/, 'Z'),
    '9999-12-31T23:59:59.999Z',
    '0001-01-01T00:00:00Z',
    '1970-01-01T00:00:00-12:00',
  ])
}
