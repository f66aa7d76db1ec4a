import type { Column, Relation } from 'watertight/catalog'
import { mentionsName } from '../../expr/mentions.js'
import { tokenize } from '../../expr/tokens.js'
import type { Token } from '../../expr/tokens.js'
import { objectName } from '../../graph/object-name.js'
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
  /(^|_)(expir\w*|until|valid_(to|thru)|ends?|ended|end_(at|on|date|time)|revok\w*|terminat\w*|cancel\w*|deactivat\w*|disabled|suspended|(deleted|removed|left)_(at|on))(_|$)/
const offWords =
  /(^|_)(revoked|expired|disabled|deactivated|suspended|blocked|cancel\w*|ended|terminated|banned|deleted|removed)(_|$)/
/** What a member may do, which policies ask for where it matters: less of it is no end. */
const rankWords =
  /(^|_)(roles?|permissions?|capabilit\w*|access|levels?|ranks?|tiers?|titles?|types?|kinds?)(_|$)/
const onWords = /(^|_)(active|enabled|valid)(_|$)/
const onStates = /^(active|enabled|valid|live|current|granted|approved|accepted|confirmed)$/i

/** Columns that limit a grant in time or withdraw it, and that no policy on the way looks at. */
export function ignoredTerms(
  input: LintInput,
  relation: Relation,
  reach: PolicyReach,
): readonly Term[] {
  const open = relation.columns.filter(
    (column) =>
      column.generated === null &&
      !reach.all.some((tokens) => mentionsName(tokens, new Set([column.name]))),
  )
  if (open.length === 0) return []
  const texts = siblingTexts(input, relation)
  return open.flatMap((column) => termOf(input, column, texts) ?? [])
}

/** Conditions elsewhere that look at rows of the table. */
function siblingTexts(input: LintInput, relation: Relation): readonly (readonly Token[])[] {
  const { context } = input.model
  const declared = context.kind === 'membership' ? context.via : null
  const isDeclared = declared !== null && objectName(declared.table) === objectName(relation)
  const own = input.catalog.relations.flatMap((other) =>
    other.policies
      .flatMap(({ using, withCheck }) => [using, withCheck])
      .filter((text) => text !== null)
      .map(tokenize)
      .filter((tokens) => other === relation || mentionsName(tokens, new Set([relation.name]))),
  )
  return isDeclared ? [...own, tokenize(declared.where ?? '')] : own
}

function termOf(
  input: LintInput,
  column: Column,
  texts: readonly (readonly Token[])[],
): Term | null {
  const name = column.name.toLowerCase()
  const siblings = texts.filter((tokens) => mentionsName(tokens, new Set([column.name])))
  if (/^(date|timestamp)/.test(column.baseType)) {
    const isLimit = siblings.some((tokens) => mentionsName(tokens, clocks) || asksForNull(tokens))
    if (!endWords.test(name) && !isLimit) return null
    const at = (offset: number): string => new Date(Date.now() + offset).toISOString()
    return { column: column.name, ended: at(-year), running: at(year) }
  }
  if (column.baseType === 'boolean') {
    if (offWords.test(name)) return { column: column.name, ended: 'true', running: 'false' }
    return onWords.test(name) ? { column: column.name, ended: 'false', running: 'true' } : null
  }
  return stateOf(input, column, siblings)
}

const clocks = new Set(['now', 'current_timestamp', 'current_date', 'clock_timestamp'])

function asksForNull(tokens: readonly Token[]): boolean {
  return tokens.some(({ text }, index) => text === 'is' && tokens[index + 1]?.text === 'null')
}

/** Another policy asks for one state, `status = 'active'`: any other state is an end. */
function stateOf(
  input: LintInput,
  column: Column,
  siblings: readonly (readonly Token[])[],
): Term | null {
  for (const tokens of siblings) {
    const at = tokens.findIndex(({ kind, text }) => kind === 'name' && text === column.name)
    const near = tokens.slice(at + 1, at + 6)
    const equals = near.findIndex(({ text }) => text === '=')
    const wanted = near[equals + 1]
    if (equals < 0 || wanted?.kind !== 'string') continue
    if (rankWords.test(column.name.toLowerCase()) && !onStates.test(wanted.text)) continue
    const labels = input.catalog.enums.find(
      (entry) => entry.name === column.baseType.replace(/^.*\./, '').replaceAll('"', ''),
    )?.labels
    const isText = /^(text|character varying|citext)/.test(column.baseType)
    const ended = labels?.find((label) => label !== wanted.text) ?? (isText ? 'ended' : undefined)
    if (ended !== undefined) return { column: column.name, ended, running: wanted.text }
  }
  return null
}
