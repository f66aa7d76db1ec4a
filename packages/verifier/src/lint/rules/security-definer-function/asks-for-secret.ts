import type { FunctionInfo, Relation } from 'watertight/catalog'
import type { Token } from '../../../expr/tokens.js'
import { isBearerSecret } from '../../../graph/bearer-secret.js'

/**
 * All that the body does with the tables is one query that compares a secret column, which only who
 * was told knows, with one of the function's arguments, and joins the other tables to that row.
 */
export function asksForSecret(
  fn: FunctionInfo,
  tokens: readonly Token[],
  relations: readonly Relation[],
  functions: readonly FunctionInfo[],
): boolean {
  const words = tokens.flatMap(({ kind, quoted, text }) =>
    kind === 'name' && !quoted ? [text.toLowerCase()] : [],
  )
  const count = (word: string): number => words.filter((each) => each === word).length
  if (count('from') !== 1 || count('join') !== relations.length - 1) return false
  const from = tokens.findIndex(({ text }) => text.toLowerCase() === 'from')
  const end = tokens.findIndex(({ text }, at) => at > from && text === ';')
  const conditions = tokens.slice(from, end < 0 ? undefined : end)
  if (conditions.some(({ kind, text }) => kind === 'name' && widening.has(text.toLowerCase()))) {
    return false
  }
  return relations.some((relation) => comparesSecret(fn, tokens, relation, functions))
}

/** With one of these in its conditions the query says more than the row of the secret. */
const widening: ReadonlySet<string> = new Set(
  'or not case coalesce left right full cross lateral union update delete insert merge execute'.split(
    ' ',
  ),
)

function comparesSecret(
  fn: FunctionInfo,
  tokens: readonly Token[],
  relation: Relation,
  functions: readonly FunctionInfo[],
): boolean {
  const secrets = relation.columns
    .filter((column) => isBearerSecret(relation, column, functions))
    .map(({ name }) => name)
  const isArgument = (at: number): boolean => {
    const { kind, text } = tokens[at] ?? { kind: 'symbol', text: '' }
    if (text === '$') return tokens[at + 1]?.kind === 'number'
    return kind === 'name' && new RegExp(`(^|[\\s,"])${text}["\\s]`).test(fn.identityArguments)
  }
  // `table.secret` or `secret`, on either side.
  const isSecret = (at: number): boolean => secrets.includes(tokens[at]?.text ?? '')
  return tokens.some(
    ({ text }, at) =>
      text === '=' &&
      ((isSecret(at - 1) && isArgument(at + 1)) ||
        (isArgument(at - 1) &&
          (isSecret(at + 1) || (tokens[at + 2]?.text === '.' && isSecret(at + 3))))),
  )
}
