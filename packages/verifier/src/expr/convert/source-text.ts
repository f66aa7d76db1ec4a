import type { ScanToken } from 'libpg-query'
import { parseStatements, scanTokens } from '../parser/parser.js'
import { comparable, placesIn } from '../parser/comparable.js'

/** What a piece of text is to be read as. */
export type Fragment = 'expression' | 'from-item' | 'query'

const frames: Readonly<Record<Fragment, readonly [string, string]>> = {
  expression: ['SELECT NULL, ', '\n'],
  'from-item': ['SELECT NULL FROM ', '\n'],
  query: ['', '\n'],
}

/** How far before a node's first known place its text may begin: `WITH RECURSIVE`, parentheses. */
const maxTokensBefore = 12
const maxAttempts = 300

/**
 * Finds the text that a node was parsed from. The syntax tree says where nodes begin, and not even
 * that of all; so a candidate counts only when it parses to the same tree again.
 */
export class SourceText {
  readonly #text: string
  readonly #bytes: Uint8Array
  #tokens: readonly ScanToken[] | undefined

  constructor(text: string) {
    this.#text = text
    this.#bytes = new TextEncoder().encode(text)
  }

  textOf(node: unknown, fragment: Fragment): string | undefined {
    const places = placesIn(node)
    if (places.length === 0) return undefined
    this.#tokens ??= scanTokens(this.#text).filter(
      ({ tokenName }) => !tokenName.endsWith('COMMENT'),
    )
    const first = this.#indexAt(Math.min(...places))
    const last = this.#indexAt(Math.max(...places))
    if (first === -1 || last === -1) return undefined
    const wanted = comparable(node)
    let attempts = 0
    for (let from = first; from >= Math.max(0, first - maxTokensBefore); from -= 1) {
      for (let to = last; to < this.#tokens.length && attempts < maxAttempts; to += 1) {
        const candidate = this.#slice(from, to)
        if (candidate === undefined) continue
        attempts += 1
        if (readAs(fragment, candidate) === wanted) return candidate
      }
    }
    return undefined
  }

  #indexAt(place: number): number {
    return this.#tokens?.findIndex(({ start }) => start === place) ?? -1
  }

  /** The text from one token to another, if its brackets match. */
  #slice(from: number, to: number): string | undefined {
    const [first, last] = [this.#tokens?.[from], this.#tokens?.[to]]
    if (first === undefined || last === undefined) return undefined
    let open = 0
    for (const { text } of this.#tokens?.slice(from, to + 1) ?? []) {
      if (text === '(' || text === '[') open += 1
      if (text === ')' || text === ']') open -= 1
      if (open < 0) return undefined
    }
    if (open !== 0) return undefined
    return new TextDecoder().decode(this.#bytes.subarray(first.start, last.end))
  }
}

function readAs(fragment: Fragment, text: string): string | undefined {
  const [before, after] = frames[fragment]
  try {
    const [statement, ...more] = parseStatements(before + text + after)
    if (statement === undefined || more.length > 0) return undefined
    if (fragment === 'query') return comparable(statement.node)
    if (!('SelectStmt' in statement.node)) return undefined
    const { targetList = [], fromClause = [], ...rest } = statement.node.SelectStmt
    if (Object.keys(rest).some((key) => key !== 'op' && key !== 'limitOption')) return undefined
    if (fragment === 'from-item') {
      return fromClause.length === 1 ? comparable(fromClause[0]) : undefined
    }
    const target = targetList[1]
    if (target === undefined || targetList.length > 2 || !('ResTarget' in target)) return undefined
    return target.ResTarget.name === undefined ? comparable(target.ResTarget.val) : undefined
  } catch {
    return undefined
  }
}
