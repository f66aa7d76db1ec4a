import fc from 'fast-check'

type Mutation = (token: string) => string

// Uniform: fast-check's own doubles crowd about zero.
const fraction = fc.noBias(fc.nat(999_999)).map((millionths) => millionths / 1_000_000)
const at = (text: string, where: number): number => Math.floor(where * text.length)

/** A part of the text, of one character at least. */
function range(text: string, from: number, to: number): readonly [number, number] {
  const [low, high] = [Math.min(from, to), Math.max(from, to)]
  return [at(text, low), at(text, high) + 1]
}

const flipBit = fc.tuple(fraction, fc.nat(6)).map(([where, bit]): Mutation => (token) => {
  const position = at(token, where)
  const flipped = String.fromCharCode(token.charCodeAt(position) ^ (1 << bit) || 1)
  return token.slice(0, position) + flipped + token.slice(position + 1)
})

const remove = fc.tuple(fraction, fraction).map(([from, to]): Mutation => (token) => {
  const [start, end] = range(token, from, to)
  return token.slice(0, start) + token.slice(end)
})

const removeOne = fraction.map(
  (where): Mutation =>
    (token) =>
      token.slice(0, at(token, where)) + token.slice(at(token, where) + 1),
)

const repeat = fc.tuple(fraction, fraction).map(([from, to]): Mutation => (token) => {
  const [start, end] = range(token, from, to)
  return token.slice(0, end) + token.slice(start)
})

const insert = fc
  .tuple(
    fraction,
    fc.oneof(
      fc.constantFrom('.', ',', '"', '-', ' ', '0', '\\'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
    ),
  )
  .map(
    ([where, text]): Mutation =>
      (token) =>
        token.slice(0, at(token, where)) +
        text.replaceAll('\0', '\u0001') +
        token.slice(at(token, where)),
  )

const changeCase = fc.tuple(fraction, fraction).map(([from, to]): Mutation => (token) => {
  const [start, end] = range(token, from, to)
  return token.slice(0, start) + token.slice(start, end).toUpperCase() + token.slice(end)
})

const spliceWith = (tokens: readonly string[]): fc.Arbitrary<Mutation> =>
  fc.tuple(fc.constantFrom(...tokens), fraction, fraction).map(
    ([other, left, right]) =>
      (token) =>
        token.slice(0, at(token, left)) + other.slice(at(other, right)),
  )

const swapField = (tokens: readonly string[]): fc.Arbitrary<Mutation> =>
  fc.tuple(fc.constantFrom(...tokens), fc.nat(9)).map(([other, field]) => (token) => {
    const fields = token.split('.')
    fields[field] = other.split('.')[field] ?? ''
    return fields.join('.')
  })

/** Another value for a claim, under the old MAC. */
const editClaim = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.jsonValue({ maxDepth: 1 }))
  .map(([field, value]): Mutation => (token) => {
    const fields = token.split('.')
    fields[field] = String(typeof value === 'object' ? JSON.stringify(value) : value)
    return fields.join('.').replaceAll('\0', '\u0001')
  })

/** The MAC in another writing. */
const rebase = fc
  .constantFrom('base64', 'base64url', 'latin1', 'reversed', 'decimal')
  .map((form): Mutation => (token) => {
    const mac = Buffer.from(token.slice(0, 64), 'hex')
    const rest = token.slice(64)
    if (form === 'reversed') return Buffer.from([...mac].toReversed()).toString('hex') + rest
    if (form === 'decimal') return [...mac].join('') + rest
    return mac.toString(form).replaceAll('\0', '\u0001') + rest
  })

/** Tokens made from honest ones by one to three mutations; now and then one comes out unchanged. */
export function mutatedContexts(tokens: readonly string[]): fc.Arbitrary<string> {
  const mutation = fc.oneof(
    flipBit,
    remove,
    removeOne,
    repeat,
    insert,
    changeCase,
    editClaim,
    rebase,
    spliceWith(tokens),
    swapField(tokens),
  )
  return fc
    .tuple(fc.constantFrom(...tokens), fc.array(mutation, { minLength: 1, maxLength: 3 }))
    .map(([token, mutations]) => mutations.reduce((text, mutate) => mutate(text), token))
}
