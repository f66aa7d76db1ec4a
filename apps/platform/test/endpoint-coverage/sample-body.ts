/** The parts of a JSON schema that requests use. */
export interface JsonSchema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly minimum?: number
  readonly minItems?: number
  readonly items?: JsonSchema
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
}

const day = 86_400_000

/** A value that fits the schema; `ids` are used for members of their names. */
export function sampleOf(schema: JsonSchema, ids: ReadonlyMap<string, string>, name = ''): unknown {
  const { const: only, enum: choices, anyOf, oneOf } = schema
  if (only !== undefined) return only
  if (choices !== undefined) return choices[0]
  const [option] = anyOf ?? oneOf ?? []
  if (option !== undefined) return sampleOf(option, ids, name)
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [
          key,
          sampleOf(schema.properties?.[key] ?? {}, ids, key),
        ]),
      )
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () =>
        sampleOf(schema.items ?? {}, ids, name),
      )
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, 1)
    case 'boolean':
      return true
    case 'null':
      return null
    case 'string':
      return textOf(schema, ids, name)
    case undefined:
    default:
      return 'sample'
  }
}

function textOf(
  { format, pattern, minLength = 1 }: JsonSchema,
  ids: ReadonlyMap<string, string>,
  name: string,
): string {
  switch (format) {
    case 'uuid':
      return ids.get(name) ?? '00000000-0000-4000-8000-000000000000'
    case 'date-time':
      return new Date(
        Date.now() + day * (/expire|end|until|due|close/i.test(name) ? 3 : 2),
      ).toISOString()
    case 'date':
      return '2027-01-31'
    case 'email':
      return 'sample@people.example'
    case 'uri':
      return 'https://hooks.example.org/sample'
    case undefined:
    default:
  }
  const fitting = [
    'sample',
    '0'.repeat(64),
    'sample.name',
    'wt_sample00',
    'q1',
    'DE',
    'EUR',
    '1.0',
  ].find(
    (text) =>
      pattern !== undefined && new RegExp(pattern, 'u').test(text) && text.length >= minLength,
  )
  return fitting ?? 'sample'.padEnd(minLength, 'x')
}
