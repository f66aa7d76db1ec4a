import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { tokenize } from '../../expr/tokens.js'
import type { Token } from '../../expr/tokens.js'
import { candidatesFor, wantedBy } from './candidates.js'
import { valueFor } from './value-for.js'
import type { Values } from './values.js'

/** A CHECK that refused a row. */
export interface FailedCheck {
  readonly definition: string
  /** The domain that it stands on, where it speaks of VALUE; null for a table's own. */
  readonly domain: string | null
}

/**
 * Other values to try when a CHECK refused a row: for each column that the check mentions, the
 * literals in its text and usual ones, alone and then two columns at a time. Best effort; what it
 * cannot meet is said to be unknown.
 */
export function* repairs(
  catalog: CatalogSnapshot,
  relation: Relation,
  check: FailedCheck,
  values: Values,
  fixed: Values,
  serial: number,
): Generator<Values, undefined> {
  const tokens = tokenize(check.definition)
  const named = namedIn(relation, tokens)
  const options = relation.columns
    .filter((column) =>
      check.domain !== null
        ? column.type === check.domain || column.type === `${check.domain}[]`
        : named.has(column.name),
    )
    .filter((column) => !(column.name in fixed) && column.generated === null)
    .map((column) => {
      const wanted = wantedBy([...tokens, ...otherChecks(relation, column.name, check)])
      const labels = labelsOf(catalog, column.baseType)
      const usual = valueFor(catalog, column, serial)
      const found: (string | null)[] = [
        ...(labels ?? candidatesFor(column, wanted, serial)),
        ...(usual === null ? [] : [usual]),
        ...(column.notNull ? [] : [null]),
      ]
      return { name: column.name, found: [...new Set(found)] }
    })
  for (const { name, found } of options) {
    for (const value of found) yield { ...values, [name]: value }
  }
  for (const [index, first] of options.entries()) {
    for (const second of options.slice(index + 1)) {
      for (const a of first.found.slice(0, mostOfPair)) {
        for (const b of second.found.slice(0, mostOfPair)) {
          yield { ...values, [first.name]: a, [second.name]: b }
        }
      }
    }
  }
  // All columns at once: all empty, or all given.
  const all = (pick: (found: readonly (string | null)[]) => string | null | undefined): Values => ({
    ...values,
    ...Object.fromEntries(
      options.map(({ name, found }) => [name, pick(found) ?? values[name] ?? null]),
    ),
  })
  yield all((found) => found.find((value) => value !== null))
  yield all((found) => (found.includes(null) ? null : found[0]))
}

const mostOfPair = 9

/** The columns that a text names, and those that the generated ones among them are made of. */
function namedIn(relation: Relation, tokens: readonly Token[]): ReadonlySet<string> {
  const words = new Set(tokens.filter(({ kind }) => kind === 'name').map(({ text }) => text))
  for (const column of relation.columns) {
    if (column.generated === null || !words.has(column.name)) continue
    for (const { text } of tokenize(column.defaultExpression ?? '')) words.add(text)
  }
  return words
}

/** What else is asked of a column: a value should meet it all at once. */
function otherChecks(relation: Relation, name: string, check: FailedCheck): readonly Token[] {
  return relation.constraints
    .filter(({ kind, definition }) => kind === 'check' && definition !== check.definition)
    .map(({ definition }) => tokenize(definition))
    .filter((tokens) => namedIn(relation, tokens).has(name))
    .flat()
}

function labelsOf(catalog: CatalogSnapshot, type: string): readonly string[] | null {
  const bare = type.replace(/^.*\./, '').replaceAll('"', '')
  return catalog.enums.find(({ name }) => name === bare)?.labels ?? null
}
