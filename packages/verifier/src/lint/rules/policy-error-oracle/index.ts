import type { FunctionInfo } from 'watertight/catalog'
import { tokenize } from '../../../expr/tokens.js'
import type { Token } from '../../../expr/tokens.js'
import { makeFinding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { reachOf } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** A policy runs on the rows that it hides, too: where it fails, it tells of them. */
export const policyErrorOracle: CatalogRule = {
  kind: 'catalog',
  id: 'policy-error-oracle',
  title: 'A policy can fail on the values of rows that it should hide.',
  check: (input) =>
    input.tables.tables.flatMap((table) => {
      const { relation, name } = table
      if (!input.tables.isProtected(name) || reachOf(input, relation).length === 0) return []
      return relation.policies.flatMap((policy) => {
        const cause = [policy.using, policy.withCheck]
          .flatMap((text) => (text === null ? [] : (failing(input, text, table) ?? [])))
          .at(0)
        if (cause === undefined) return []
        return [
          makeFinding({
            rule: 'policy-error-oracle',
            severity: 'warning',
            object: name,
            detail: policy.name,
            message: `Policy ${policy.name} of ${name} ${cause}: a row of another tenant can make the query fail, which shows what it holds and keeps others from their own rows.`,
            evidence: { policy: policy.name },
            remedy:
              'Compare the column as it is stored: turn the context into the type of the column, not the column into another type.',
          }),
        ]
      })
    }),
}

function failing(
  input: LintInput,
  text: string,
  { relation, tenantColumn }: ClassifiedTable,
): string | null {
  const tokens = tokenize(text)
  const types = new Map(relation.columns.map(({ name, baseType }) => [name, baseType]))
  const guarded = guardedTokens(tokens, tenantColumn)
  for (const [index, token] of tokens.entries()) {
    if (guarded.has(index)) continue
    if (token.kind === 'name' && tokens[index + 1]?.text === '(') {
      const raises = input.catalog.functions.some((fn) => fn.name === token.text && canRaise(fn))
      const given = operandAfter(tokens, index).slice(1)
      if (raises && given.some(({ kind, text: word }) => kind === 'name' && types.has(word))) {
        return `gives values of the row to ${token.text}(), which raises messages`
      }
    }
    if (token.kind !== 'symbol') continue
    if ((token.text === '/' || token.text === '%') && dividesByColumn(tokens, index, types)) {
      return 'divides by a value of the row'
    }
    if (token.text === '::' && castsText(tokens, index, types)) {
      return `casts text of the row to ${tokens[index + 1]?.text ?? 'another type'}`
    }
  }
  return null
}

/** RAISE reaches the client at every level but DEBUG and LOG (manual, section 41.9.1). */
function canRaise(fn: FunctionInfo): boolean {
  if (fn.language !== 'plpgsql' || fn.extension !== null) return false
  const tokens = tokenize(fn.body)
  return tokens.some(
    ({ kind, text }, index) =>
      kind === 'name' && text === 'raise' && !/^(debug|log)$/.test(tokens[index + 1]?.text ?? ''),
  )
}

/** Places after `CASE WHEN tenant = … THEN`: CASE computes them for no other row (section 4.2.14). */
function guardedTokens(tokens: readonly Token[], tenant: string | null): ReadonlySet<number> {
  const guarded = new Set<number>()
  const open: { when: number; safe: boolean }[] = []
  for (const [index, { kind, quoted, text }] of tokens.entries()) {
    const word = kind === 'name' && !quoted ? text : ''
    const inner = open.at(-1)
    if (word === 'case') open.push({ when: index, safe: false })
    else if (word === 'end') open.pop()
    else if (inner !== undefined && (word === 'when' || word === 'else')) {
      inner.when = index
      inner.safe = false
    } else if (inner !== undefined && word === 'then') {
      inner.safe = isOwnRow(tokens.slice(inner.when + 1, index), tenant)
    }
    if (open.some(({ safe }) => safe)) guarded.add(index)
  }
  return guarded
}

/** `tenant = …`, perhaps with more conditions. */
function isOwnRow(tokens: readonly Token[], tenant: string | null): boolean {
  const words = tokens.filter(({ text }) => text !== '(' && text !== ')')
  const compares = words.some(
    ({ kind, text }, index) =>
      kind === 'name' &&
      text === tenant &&
      (words[index + 1]?.text === '=' || words[index - 1]?.text === '='),
  )
  return compares && !words.some(({ kind, text }) => kind === 'name' && /^(or|not)$/.test(text))
}

function dividesByColumn(
  tokens: readonly Token[],
  at: number,
  types: ReadonlyMap<string, string>,
): boolean {
  return operandAfter(tokens, at).some(
    (token, index, all) =>
      token.kind === 'name' &&
      types.has(token.text) &&
      all[index + 1]?.text !== '(' &&
      all[index - 1]?.text !== '::',
  )
}

/** One token, or everything in the parentheses that follow. */
function operandAfter(tokens: readonly Token[], at: number): readonly Token[] {
  let depth = 0
  for (let index = at + 1; index < tokens.length; index += 1) {
    if (tokens[index]?.text === '(') depth += 1
    if (tokens[index]?.text === ')') depth -= 1
    if (depth <= 0) return tokens.slice(at + 1, index + 1)
  }
  return tokens.slice(at + 1)
}

const picky =
  /^(uuid|smallint|integer|bigint|numeric|real|double|date|timestamp|inet|cidr|json|jsonb|boolean)$/
const isText = /^(text|character|.*citext)/

/** `column::uuid` where the column is text. */
function castsText(
  tokens: readonly Token[],
  at: number,
  types: ReadonlyMap<string, string>,
): boolean {
  if (!picky.test(tokens[at + 1]?.text ?? '')) return false
  let index = at - 1
  while (tokens[index]?.text === ')') index -= 1
  const token = tokens[index]
  return token?.kind === 'name' && isText.test(types.get(token.text) ?? '')
}
