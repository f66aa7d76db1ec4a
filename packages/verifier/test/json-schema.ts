type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/**
 * The faults of a value against the keywords that our schemas use. An unknown keyword is a fault of
 * the schema, so that nothing is checked by accident only.
 */
export function schemaFaults(
  schema: Json,
  value: unknown,
  root: Json = schema,
  at = '$',
): string[] {
  if (!isObject(schema)) return [`${at}: the schema is no object`]
  return Object.entries(schema).flatMap(([keyword, operand]) => {
    const check = keywords[keyword]
    return check === undefined
      ? [`${at}: unknown keyword ${keyword}`]
      : check(operand, value, root, at, schema)
  })
}

type Keyword = (operand: Json, value: unknown, root: Json, at: string, schema: Json) => string[]

const fault = (ok: boolean, at: string, text: string): string[] => (ok ? [] : [`${at}: ${text}`])
const nothing: Keyword = () => []

const keywords: Readonly<Record<string, Keyword>> = {
  $schema: nothing,
  $id: nothing,
  $defs: nothing,
  title: nothing,
  description: nothing,
  $ref: (operand, value, root, at) => {
    let target: Json = root
    for (const part of String(operand).replace(/^#\//, '').split('/')) {
      target = isObject(target) ? (target[part] ?? null) : null
    }
    return schemaFaults(target, value, root, at)
  },
  type: (operand, value, _root, at) => {
    const types = Array.isArray(operand) ? operand : [operand]
    return fault(
      types.some((type) => hasType(String(type), value)),
      at,
      `no ${types.join(' or ')}`,
    )
  },
  const: (operand, value, _root, at) => fault(operand === value, at, `not ${String(operand)}`),
  enum: (operand, value, _root, at) =>
    fault(
      Array.isArray(operand) && operand.includes(value as Json),
      at,
      `${String(value)} not in enum`,
    ),
  pattern: (operand, value, _root, at) =>
    fault(
      new RegExp(String(operand), 'u').test(String(value)),
      at,
      `does not match ${String(operand)}`,
    ),
  minimum: (operand, value, _root, at) =>
    fault(Number(value) >= Number(operand), at, `below ${Number(operand)}`),
  required: (operand, value, _root, at) =>
    (Array.isArray(operand) ? operand : []).flatMap((name) =>
      fault(isObject(value) && String(name) in value, at, `lacks ${String(name)}`),
    ),
  properties: (operand, value, root, at) =>
    Object.entries(isObject(operand) ? operand : {}).flatMap(([name, schema]) =>
      isObject(value) && name in value
        ? schemaFaults(schema, value[name], root, `${at}.${name}`)
        : [],
    ),
  items: (operand, value, root, at) =>
    (Array.isArray(value) ? value : []).flatMap((item, index) =>
      schemaFaults(operand, item, root, `${at}[${index}]`),
    ),
  anyOf: (operand, value, root, at) =>
    fault(
      Array.isArray(operand) &&
        operand.some((each) => schemaFaults(each, value, root, at).length === 0),
      at,
      'matches no alternative',
    ),
}

function hasType(type: string, value: unknown): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'object') return isObject(value)
  return typeof value === type
}

function isObject(value: unknown): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
