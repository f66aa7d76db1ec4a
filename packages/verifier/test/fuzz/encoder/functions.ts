/** A number, truth or text that a term stands for; undefined where that is not known. */
export type Concrete = bigint | boolean | string

type Meaning = (...args: readonly Concrete[]) => Concrete | undefined

/** What the solver's uninterpreted functions are on a server. */
export function meaningOf(
  name: string,
  labels: ReadonlyMap<string, readonly string[]>,
): Meaning | undefined {
  if (name.startsWith('is enum:')) {
    const known = labels.get(name.slice('is enum:'.length))
    return known && ((text) => known.includes(String(text)))
  }
  return meanings[name]
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const noUuid = '00000000-0000-0000-0000-000000000000'
const int = /^\s*[+-]?\d+\s*$/

const meanings: Readonly<Record<string, Meaning>> = {
  'is uuid': (text) => uuid.test(String(text)),
  'is int': (text) => int.test(String(text)),
  'is json': (text) => document(text) !== undefined,
  // Text that fails the cast gives no value; what facts say of it holds for any uuid.
  'uuid of text': (text) => (uuid.test(String(text)) ? String(text).toLowerCase() : noUuid),
  'int of text': (text) =>
    int.test(String(text)) ? BigInt(String(text).trim().replace('+', '')) : undefined,
  'json of text': (text) => canonical(document(text)),
  'text of uuid': (value) => String(value),
  'text of int': (value) => String(value),
  part: (value, key) => canonical(part(value, key)),
  'no part': (value, key) => part(value, key) === undefined,
  'text of json': (value) => {
    const found = document(value)
    return typeof found === 'string' ? found : String(value)
  },
  'is json null': (value) => value === 'null',
  'in array': (array, element) => elements(String(array)).includes(String(element)),
}

function document(text: Concrete | undefined): unknown {
  try {
    return JSON.parse(String(text)) as unknown
  } catch {
    return undefined
  }
}

function part(value: Concrete | undefined, key: Concrete | undefined): unknown {
  const whole = document(value)
  const isObject = typeof whole === 'object' && whole !== null && !Array.isArray(whole)
  return isObject ? Object.entries(whole).find(([name]) => name === key)?.[1] : undefined
}

/** One text for equal documents, spaced as the server prints them. */
function canonical(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value)
}

/** The text that stands for a stored document. */
export function documentText(text: string): string {
  return canonical(document(text)) ?? text
}

function elements(array: string): readonly string[] {
  const inner = array.slice(1, -1)
  return inner === '' ? [] : inner.split(',').filter((item) => item !== 'NULL')
}
