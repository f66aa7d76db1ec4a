type JsonType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null'

/** A JSON schema as the OpenAPI document has it. */
export interface JsonSchema {
  readonly type?: JsonType | readonly JsonType[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly default?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly multipleOf?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: JsonSchema
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly propertyNames?: JsonSchema
  readonly additionalProperties?: boolean | JsonSchema
}

const formats: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
}

/** Tells the type of a value in the words of JSON schema. */
const isOfType: Readonly<Record<JsonType, (value: unknown) => boolean>> = {
  object: isRecord,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
}

type Check = (schema: JsonSchema, value: unknown, at: string) => readonly string[]

/** Every keyword that replies are described with; an unknown one is a fault, so that none is skipped. */
const checks: Readonly<Record<keyof JsonSchema, Check>> = {
  default: () => [],
  type: ({ type = [] }, value, at) => {
    const types = [type].flat()
    return unless(
      types.some((one) => isOfType[one](value)),
      at,
      `no ${types.join(' or ')}`,
    )
  },
  const: (schema, value, at) => unless(schema.const === value, at, 'not the constant'),
  enum: (schema, value, at) => unless(schema.enum?.includes(value) === true, at, 'not listed'),
  anyOf: ({ anyOf = [] }, value, at) =>
    unless(
      anyOf.some((option) => schemaFaults(option, value, at).length === 0),
      at,
      'no option fits',
    ),
  oneOf: ({ oneOf = [] }, value, at) =>
    unless(
      oneOf.filter((option) => schemaFaults(option, value, at).length === 0).length === 1,
      at,
      'not exactly one option fits',
    ),
  format: ({ format = '' }, value, at) =>
    typeof value === 'string'
      ? unless(formats[format]?.test(value) ?? false, at, `no ${format}`)
      : [],
  pattern: ({ pattern = '' }, value, at) =>
    typeof value === 'string'
      ? unless(new RegExp(pattern, 'u').test(value), at, 'not of the pattern')
      : [],
  minLength: ({ minLength = 0 }, value, at) =>
    typeof value === 'string' ? unless(value.length >= minLength, at, 'too short') : [],
  maxLength: ({ maxLength = 0 }, value, at) =>
    typeof value === 'string' ? unless(value.length <= maxLength, at, 'too long') : [],
  minimum: ({ minimum = 0 }, value, at) =>
    typeof value === 'number' ? unless(value >= minimum, at, 'too small') : [],
  maximum: ({ maximum = 0 }, value, at) =>
    typeof value === 'number' ? unless(value <= maximum, at, 'too large') : [],
  multipleOf: ({ multipleOf = 1 }, value, at) =>
    typeof value === 'number'
      ? unless(
          Math.abs(value / multipleOf - Math.round(value / multipleOf)) < 1e-6,
          at,
          'no multiple',
        )
      : [],
  minItems: ({ minItems = 0 }, value, at) =>
    Array.isArray(value) ? unless(value.length >= minItems, at, 'too few') : [],
  maxItems: ({ maxItems = 0 }, value, at) =>
    Array.isArray(value) ? unless(value.length <= maxItems, at, 'too many') : [],
  items: ({ items = {} }, value, at) =>
    Array.isArray(value)
      ? value.flatMap((item, index) => schemaFaults(items, item, `${at}/${String(index)}`))
      : [],
  required: ({ required = [] }, value, at) =>
    isRecord(value)
      ? required.filter((key) => !Object.hasOwn(value, key)).map((key) => `${at}/${key}: missing`)
      : [],
  properties: ({ properties = {} }, value, at) =>
    isRecord(value)
      ? Object.entries(properties).flatMap(([key, property]) =>
          Object.hasOwn(value, key) ? schemaFaults(property, value[key], `${at}/${key}`) : [],
        )
      : [],
  propertyNames: ({ propertyNames = {} }, value, at) =>
    isRecord(value)
      ? Object.keys(value).flatMap((key) => schemaFaults(propertyNames, key, `${at} (name ${key})`))
      : [],
  additionalProperties: ({ additionalProperties = true, properties = {} }, value, at) => {
    if (!isRecord(value) || additionalProperties === true) return []
    const others = Object.keys(value).filter((key) => !Object.hasOwn(properties, key))
    return others.flatMap((key) =>
      additionalProperties === false
        ? [`${at}/${key}: unknown`]
        : schemaFaults(additionalProperties, value[key], `${at}/${key}`),
    )
  },
}

/** What is wrong with a value, as lines of pointer and fault; none when it fits. */
export function schemaFaults(schema: JsonSchema, value: unknown, at = ''): readonly string[] {
  return Object.keys(schema).flatMap((keyword) => {
    const check = Object.hasOwn(checks, keyword) ? checks[keyword as keyof JsonSchema] : undefined
    return check?.(schema, value, at) ?? [`${at}: keyword ${keyword} is not known`]
  })
}

function unless(holds: boolean, at: string, fault: string): readonly string[] {
  return holds ? [] : [`${at === '' ? '/' : at}: ${fault}`]
}

/** True for what JSON calls an object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
