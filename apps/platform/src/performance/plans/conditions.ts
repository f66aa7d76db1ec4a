import type { PolicyFunctionFact } from './table-facts-repository.js'

/** Conditions of a plan as PostgreSQL prints them, without what stands in strings. */
export function bareCondition(text: string): string {
  return text.replaceAll(/'(?:[^']|'')*'/g, "''")
}

/** The parts of a condition that all have to hold. */
export function conjunctsOf(condition: string): readonly string[] {
  const inner = unwrapped(condition.trim())
  const parts = splitAt(inner, ' AND ')
  return parts.length === 1 ? [inner] : parts.flatMap(conjunctsOf)
}

/** A condition on the column itself, of any alias. */
export function comparesColumn(conjunct: string, column: string): boolean {
  return new RegExp(`^(?:\\w+\\.|"[^"]+"\\.)?${escaped(column)} (?:=|IS NOT DISTINCT) `).test(
    conjunct,
  )
}

/** The column under a cast or in an expression, so that its index does not serve. */
export function castsColumn(conjunct: string, column: string): boolean {
  return new RegExp(`\\((?:\\w+\\.|"[^"]+"\\.)?${escaped(column)}\\)::`).test(conjunct)
}

export function mentionsColumn(condition: string, column: string): boolean {
  return new RegExp(`(?<![\\w"])${escaped(column)}(?![\\w"(])`).test(condition)
}

/** A call of the function, and what stands in its parentheses; undefined without one. */
export function callOf(
  condition: string,
  { schema, name }: Pick<PolicyFunctionFact, 'schema' | 'name'>,
): string | undefined {
  const called = new RegExp(`(?<![\\w".])(?:${quotable(schema)}\\.)?${quotable(name)}\\(`).exec(
    condition,
  )
  if (called === null) return undefined
  const start = called.index + called[0].length
  return condition.slice(start, endOfParentheses(condition, start))
}

/** A key of an index in a condition, in front of an operator: `lower(email) = $1`. */
export function comparesKey(condition: string, key: string, operators: readonly string[]): boolean {
  const anyAlias = escaped(withoutAliases(key))
  const anyOperator = operators.map(escaped).join('|')
  return new RegExp(`(?<![\\w"])${anyAlias}\\)?(?:::\\w+)? (?:${anyOperator}) `).test(
    withoutAliases(condition),
  )
}

function withoutAliases(condition: string): string {
  return condition.replaceAll(/(?<![\w"$])(?:\w+|"[^"]+")\.(?=[a-z_"])(?![\w"]+\()/g, '')
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

function quotable(name: string): string {
  return `"?${escaped(name)}"?`
}

/** Where the parenthesis that was opened before `start` is closed. */
function endOfParentheses(text: string, start: number): number {
  let depth = 1
  for (let index = start; index < text.length; index += 1) {
    if (text[index] === '(') depth += 1
    else if (text[index] === ')' && (depth -= 1) === 0) return index
  }
  return text.length
}

function unwrapped(text: string): string {
  return text.startsWith('(') && endOfParentheses(text, 1) === text.length - 1
    ? unwrapped(text.slice(1, -1))
    : text
}

function splitAt(text: string, separator: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '(') depth += 1
    else if (text[index] === ')') depth -= 1
    else if (depth === 0 && text.startsWith(separator, index)) {
      parts.push(text.slice(start, index))
      start = index + separator.length
      index = start - 1
    }
  }
  return [...parts, text.slice(start)]
}
