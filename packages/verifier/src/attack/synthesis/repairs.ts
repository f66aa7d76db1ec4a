import { randomBytes, randomInt } from 'node:crypto'
import type { Relation } from 'watertight/catalog'
import { tokenize } from '../../expr/tokens.js'
import type { Token } from '../../expr/tokens.js'
import { samplePattern } from './sample-pattern.js'
import type { Values } from './values.js'

/** A CHECK that refused a row. */
export interface FailedCheck {
  readonly definition: string
  /** The domain that it stands on, where it speaks of VALUE; null for a table's own. */
  readonly domain: string | null
}

/** Shapes that checks often ask for; `serial` keeps unique columns unique. */
const usual = (serial: number): readonly string[] => [
  '1',
  '0',
  '100',
  `w${serial}@example.com`,
  `w${serial}`,
  'en',
  'EUR',
  'EU',
  `W${serial}`,
  `https://w${serial}.example.com`,
  `w${serial}.example.com`,
  '+431234567',
  'true',
  '{}',
  '{a}',
]

/**
 * Other values to try when a CHECK refused a row: for each column that the check mentions, the
 * literals in its text and a few usual ones. Best effort; what it cannot meet is said to be unknown.
 */
export function* repairs(
  relation: Relation,
  check: FailedCheck,
  values: Values,
  fixed: Values,
  serial: number,
): Generator<Values, undefined> {
  const tokens = tokenize(check.definition)
  const numbers = tokens
    .filter((token) => token.kind === 'number' && Number(token.text) <= 4_096)
    .map((token) => Number(token.text))
  const literals = [
    ...patterns(tokens),
    ...tokens.filter((token) => token.kind === 'string').map((token) => token.text),
    ...numbers.flatMap((number) => [String(number), String(number + 1)]),
    ...numbers.flatMap((number) => [digits(number), `\\x${randomBytes(number).toString('hex')}`]),
  ]
  const columns = relation.columns
    .filter((column) =>
      check.domain !== null
        ? column.type === check.domain
        : tokens.some((token) => token.kind === 'name' && token.text === column.name),
    )
    .filter((column) => !(column.name in fixed) && column.generated === null)
  const candidates = [...new Set([...literals, ...usual(serial)])]
  for (const candidate of candidates) {
    for (const column of columns) {
      if (fits(column.baseType, candidate)) yield { ...values, [column.name]: candidate }
    }
  }
  for (const column of columns) {
    if (!column.notNull) yield { ...values, [column.name]: null }
  }
}

/** Samples of the regular expressions in the check. */
function patterns(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'string' || !(tokens[index - 1]?.text ?? '').startsWith('~')) return []
    const sample = samplePattern(token.text, (n) => randomInt(n))
    return sample === null ? [] : [sample]
  })
}

/** Hexadecimal digits, as digests are written. */
function digits(length: number): string {
  return randomBytes(Math.ceil(length / 2))
    .toString('hex')
    .slice(0, length)
}

/** A value of the wrong type would end the search with an error that says nothing. */
function fits(type: string, value: string): boolean {
  if (/^(smallint|integer|bigint)$/.test(type)) return /^-?\d{1,4}$/.test(value)
  if (/^(numeric|real|double precision)/.test(type)) return /^-?\d+(\.\d+)?$/.test(value)
  if (type === 'boolean') return value === 'true' || value === 'false'
  if (type.endsWith('[]')) return value === '{a}' && /^(text|character)/.test(type)
  if (type === 'bytea') return value.startsWith('\\x')
  if (type.startsWith('json')) return value === '{}'
  return /^(text|character|citext|bpchar)/.test(type) && !value.startsWith('\\x')
}
