import type { Column, Relation } from 'watertight/catalog'
import { mentionsName } from '../../expr/mentions.js'
import { tokenize } from '../../expr/tokens.js'
import type { LintInput } from '../../lint/rule.js'
import type { PolicyReach } from '../policy-text/policy-reach.js'

/** A column that ends what a row grants, and the value with which it has ended. */
export interface Term {
  readonly column: string
  readonly ended: string
  readonly running: string
}

const year = 365 * 86_400_000
const endWords =
  /(^|_)(expir\w*|until|valid_(to|until|thru)|ends?|ended|end_(at|on|date|time)|revok\w*|terminat\w*|cancel\w*|deactivat\w*|disabled|suspended)(_|$)/
const offWords =
  /(^|_)(revoked|expired|disabled|deactivated|suspended|blocked|cancel\w*|ended|terminated|banned)(_|$)/
const onWords = /(^|_)(active|enabled|valid)(_|$)/

/** Columns that limit a grant in time or withdraw it, and that no policy on the way looks at. */
export function ignoredTerms(
  input: LintInput,
  relation: Relation,
  reach: PolicyReach,
): readonly Term[] {
  const mentioned = (name: string): boolean =>
    reach.all.some((tokens) => mentionsName(tokens, new Set([name])))
  return relation.columns
    .filter((column) => !mentioned(column.name) && column.generated === null)
    .flatMap((column) => termOf(input, relation, column) ?? [])
}

function termOf(input: LintInput, relation: Relation, column: Column): Term | null {
  const name = column.name.toLowerCase()
  if (/^(date|timestamp)/.test(column.baseType)) {
    const isEnd = endWords.test(name) || isComparedWithNow(input, relation, column)
    if (!isEnd) return null
    const at = (offset: number): string => new Date(Date.now() + offset).toISOString()
    return { column: column.name, ended: at(-year), running: at(year) }
  }
  if (column.baseType !== 'boolean') return null
  if (offWords.test(name)) return { column: column.name, ended: 'true', running: 'false' }
  return onWords.test(name) ? { column: column.name, ended: 'false', running: 'true' } : null
}

const clocks = new Set(['now', 'current_timestamp', 'current_date', 'clock_timestamp'])

/** Another policy on the table itself says that the column is a term. */
function isComparedWithNow(input: LintInput, relation: Relation, column: Column): boolean {
  return input.catalog.relations.some((other) =>
    other.policies.some(({ using, withCheck }) => {
      const tokens = tokenize(`${using ?? ''} ${withCheck ?? ''}`)
      return (
        mentionsName(tokens, new Set([column.name])) &&
        mentionsName(tokens, clocks) &&
        (other === relation || mentionsName(tokens, new Set([relation.name])))
      )
    }),
  )
}
