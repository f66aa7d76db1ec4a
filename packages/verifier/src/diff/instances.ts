import { objectName } from '../graph/object-name.js'
import type { Encoding } from '../prove/encode/encoding.js'
import { columnOf } from '../prove/encode/row.js'
import type { Row } from '../prove/encode/row-shape.js'
import { same } from '../prove/encode/value.js'
import { implies } from '../prove/terms/term.js'
import type { Term } from '../prove/terms/term.js'
import type { Pair, Search } from './paired-encoding.js'

const mostPerSearch = 24
const mostInAll = 160

/**
 * That a search finds nothing says something of every row. Here it is said of the rows that the
 * comparison speaks of: one that fits is one that is found.
 */
export function instanceFacts(pair: Pair, encoding: Encoding): readonly Term[] {
  const facts: Term[] = []
  const known = [...encoding.rows]
  let left = mostInAll
  // Looking again adds searches; those of before are meant.
  for (const search of pair.searches.slice()) {
    if (!search.isExact) continue
    for (const chosen of choices(search, known)) {
      if (left === 0) return facts
      left -= 1
      const again = search.again()
      if (again === undefined) break
      const ties = again.rows.map((fresh, index) => tie(encoding, fresh, chosen[index]))
      if (ties.some((part) => part === undefined)) continue
      facts.push(...ties.flatMap((part) => part ?? []), implies(again.holds, search.exists))
    }
  }
  return facts
}

/** Ways to choose, for each row of a search, one that another part of the comparison speaks of. */
function choices(search: Search, known: readonly Row[]): readonly (readonly Row[])[] {
  let found: (readonly Row[])[] = [[]]
  for (const row of search.rows) {
    const fitting = known.filter(
      (other) =>
        other.stored &&
        !search.rows.includes(other) &&
        objectName(other.relation) === objectName(row.relation),
    )
    found = found.flatMap((before) => fitting.map((other) => [...before, other]))
    if (found.length > mostPerSearch) found = found.slice(0, mostPerSearch)
  }
  return found
}

/** The fresh row is that row; undefined when their columns are of different types. */
function tie(encoding: Encoding, fresh: Row, row: Row | undefined): readonly Term[] | undefined {
  if (row === undefined) return undefined
  const terms: Term[] = []
  for (const [name, value] of fresh.values) {
    const other = columnOf(encoding, row, name)
    if (other === undefined || other.type !== value.type) return undefined
    terms.push(same(value, other))
  }
  return terms
}
