import type { Relation } from 'watertight/catalog'
import { tokenize } from '../../expr/tokens.js'
import type { Values } from './insert-row.js'

const usual: readonly string[] = [
  '1',
  '0',
  '100',
  'a',
  'abc',
  'ABC',
  'a@b.co',
  'https://a.co',
  'true',
  '{}',
]

/**
 * Other values to try when a CHECK refused a row: for each column that the check mentions, the
 * literals in its text and a few usual ones. Best effort; what it cannot meet is said to be unknown.
 */
export function* repairs(
  relation: Relation,
  constraint: string,
  values: Values,
  fixed: Values,
): Generator<Values, undefined> {
  const check = relation.constraints.find((entry) => entry.name === constraint)
  if (check === undefined) return
  const tokens = tokenize(check.definition)
  const literals = tokens
    .filter((token) => token.kind === 'string' || token.kind === 'number')
    .flatMap(({ kind, text }) =>
      kind === 'number' ? [text, String(Number(text) + 1), 'a'.repeat(Number(text) % 256)] : [text],
    )
  const columns = relation.columns
    .filter((column) => tokens.some((token) => token.kind === 'name' && token.text === column.name))
    .filter((column) => !(column.name in fixed) && column.generated === null)
  const candidates = [...new Set([...literals, ...usual])]
  for (const candidate of candidates) {
    for (const column of columns) {
      if (fits(column.baseType, candidate)) yield { ...values, [column.name]: candidate }
    }
  }
  for (const column of columns) {
    if (!column.notNull) yield { ...values, [column.name]: null }
  }
}

/** A value of the wrong type would end the search with an error that says nothing. */
function fits(type: string, value: string): boolean {
  if (/^(smallint|integer|bigint)$/.test(type)) return /^-?\d{1,4}$/.test(value)
  if (/^(numeric|real|double precision)/.test(type)) return /^-?\d+(\.\d+)?$/.test(value)
  if (type === 'boolean') return value === 'true' || value === 'false'
  if (/^json/.test(type)) return value === '{}'
  return /^(text|character|citext|bpchar)/.test(type)
}
