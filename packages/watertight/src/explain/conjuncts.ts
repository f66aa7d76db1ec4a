/** What an expression is made of. */
export interface Operands {
  /** Null for an expression that neither AND nor OR makes. */
  readonly operator: 'AND' | 'OR' | null
  /** The expression itself without an operator. */
  readonly operands: readonly string[]
}

/**
 * The topmost AND or OR of an expression as `pg_get_expr` prints it, where every operator stands in
 * parentheses.
 *
 * @example
 * ```ts
 * operandsOf("((a = 1) OR (b = 'x OR y'))") // { operator: 'OR', operands: ['(a = 1)', "(b = 'x OR y')"] }
 * ```
 */
export function operandsOf(expression: string): Operands {
  const none: Operands = { operator: null, operands: [expression] }
  const inner = unwrapped(expression.trim())
  const parts: string[] = []
  let operator: Operands['operator'] = null
  let start = 0
  for (const { at, depth, cases } of topLevel(inner)) {
    if (depth > 0 || cases > 0) continue
    const word = /^\s(AND|OR)\s/.exec(inner.slice(at, at + 5))?.[1]
    if (word !== 'AND' && word !== 'OR') continue
    // PostgreSQL never prints both side by side.
    if (operator !== null && operator !== word) return none
    operator = word
    parts.push(inner.slice(start, at))
    start = at + word.length + 2
  }
  if (operator === null) return none
  return { operator, operands: [...parts, inner.slice(start)].map((part) => part.trim()) }
}

/**
 * The operands of the topmost AND of an expression; the expression itself when AND is not what it is
 * made of.
 *
 * @example
 * ```ts
 * conjunctsOf("((a = 1) AND (b = 'x AND y'))") // ["(a = 1)", "(b = 'x AND y')"]
 * ```
 */
export function conjunctsOf(expression: string): readonly string[] {
  const { operator, operands } = operandsOf(expression)
  return operator === 'AND' ? operands : [expression]
}

/** Without the parentheses that enclose all of it. */
function unwrapped(text: string): string {
  if (!text.startsWith('(')) return text
  for (const { at, depth } of topLevel(text)) {
    if (at > 0 && depth === 0) {
      return at === text.length - 1 ? unwrapped(text.slice(1, -1).trim()) : text
    }
  }
  return text
}

interface Position {
  readonly at: number
  /** Open parentheses and brackets after this character. */
  readonly depth: number
  /** Open CASE expressions. */
  readonly cases: number
}

const opening = '(['
const closing = ')]'

/** Every character outside of literals and quoted names. */
function* topLevel(text: string): Generator<Position> {
  let [depth, cases] = [0, 0]
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === "'" || character === '"') {
      // A quote inside is doubled, so it ends one literal and begins the next.
      const end = text.indexOf(character, at + 1)
      at = end < 0 ? text.length : end
      continue
    }
    if (opening.includes(character)) depth += 1
    if (closing.includes(character)) depth -= 1
    if (/\bCASE\b/.test(wordAt(text, at))) cases += 1
    if (/\bEND\b/.test(wordAt(text, at))) cases -= 1
    yield { at, depth, cases }
  }
}

function wordAt(text: string, at: number): string {
  if (/[\w$]/.test(text.charAt(at - 1))) return ''
  return /^[A-Z]+(?![\w$])/.exec(text.slice(at, at + 6))?.[0] ?? ''
}
