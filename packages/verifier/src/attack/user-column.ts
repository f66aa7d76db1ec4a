import type { FunctionInfo, Relation } from 'watertight/catalog'
import { calledFunctions, mentionsName } from '../expr/mentions.js'
import { tokenize } from '../expr/tokens.js'
import type { Token } from '../expr/tokens.js'

/** Conditions that may compare a column of the relation with the user. */
function conditionsOn(relation: Relation, functions: readonly FunctionInfo[]): readonly Token[][] {
  const policies = relation.policies.flatMap(({ using, withCheck }) => [using, withCheck])
  const texts = policies.flatMap((text) => (text === null ? [] : [[...tokenize(text)]]))
  const bodies = functions
    .map(({ body }) => [...tokenize(body)])
    .filter((tokens) => mentionsName(tokens, new Set([relation.name])))
  return [...texts, ...bodies]
}

/** Functions that give the setting and call nothing: their name stands for its value. */
function namesOf(setting: string, functions: readonly FunctionInfo[]): ReadonlySet<string> {
  const giving = functions.filter(({ body }) => {
    const tokens = tokenize(body)
    const settings = tokens.filter(({ kind, text }) => kind === 'string' && text.includes('.'))
    return settings.length > 0 && settings.every(({ text }) => text.toLowerCase() === setting)
  })
  return new Set(giving.map(({ name }) => name))
}

/** How far a column stands from the value it is compared with: `author = (select sec.actor())`. */
const reach = 8

/**
 * Columns of a table that its policies, or functions that read it, compare with a setting: written
 * out, or behind a function that gives the setting.
 */
export function comparedColumns(
  relation: Relation,
  setting: string,
  functions: readonly FunctionInfo[],
): readonly string[] {
  const wanted = setting.toLowerCase()
  const columns = new Set(relation.columns.map(({ name }) => name))
  const names = namesOf(wanted, functions)
  const found = new Set<string>()
  for (const tokens of conditionsOn(relation, functions)) {
    const called = new Set(calledFunctions(tokens))
    for (const [index, { kind, text }] of tokens.entries()) {
      const isValue =
        (kind === 'string' && text.toLowerCase() === wanted) ||
        (kind === 'name' && names.has(text) && called.has(text))
      if (!isValue) continue
      const before = tokens.slice(Math.max(0, index - reach), index).toReversed()
      const equals = before.findIndex((token) => token.text === '=')
      const column = before.slice(equals + 1).find((token) => token.kind === 'name')
      if (equals !== -1 && column !== undefined && columns.has(column.text)) found.add(column.text)
    }
  }
  return [...found]
}
