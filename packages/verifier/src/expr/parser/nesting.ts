import type { ScanToken } from 'libpg-query'

/**
 * Deepest syntax tree that is parsed, as estimated from its tokens. INVARIANT: well below what
 * overflows the stack of the WebAssembly parser, which does not recover its memory after that, and
 * above what printing makes of the deepest IR (`maxDepth`).
 */
export const maxNesting = 1200

const opening = new Set(['(', '[', 'case', 'begin'])
const closing = new Set([')', ']', 'end'])
/** What starts a sibling, so that a chain of operators before it is complete. */
const separators = new Set([',', 'and', 'or', 'when', 'then', 'else', 'where', 'from', 'on', ';'])
/** What chains over separators: each makes the tree one level deeper on its left. */
const chains = new Set(['union', 'intersect', 'except', 'join'])

interface Level {
  chain: number
  joined: number
}

/** An upper bound of the depth of the syntax tree, from the tokens alone. */
export function nestingOf(tokens: readonly ScanToken[]): number {
  const levels: Level[] = [{ chain: 0, joined: 0 }]
  let depth = 0
  let deepest = 0
  for (const { text, tokenName } of tokens) {
    if (tokenName === 'SCONST' || tokenName === 'SQL_COMMENT' || tokenName === 'C_COMMENT') continue
    const word = text.toLowerCase()
    const level = levels.at(-1)
    if (level === undefined) break
    if (opening.has(word)) {
      levels.push({ chain: 0, joined: 0 })
      depth += 1
    } else if (closing.has(word) && levels.length > 1) {
      depth -= 1 + level.chain + level.joined
      levels.pop()
      // `f(…)(…)` and `a[1][1]` nest without an operator between them.
      const outer = levels.at(-1)
      if (outer !== undefined) {
        outer.chain += 1
        depth += 1
      }
    } else if (separators.has(word)) {
      depth -= level.chain
      level.chain = 0
    } else if (chains.has(word)) {
      level.joined += 1
      depth += 1
    } else if (!/^[\p{L}\p{N}_"$']|^\../u.test(word) || word === 'not' || word === 'is') {
      level.chain += 1
      depth += 1
    }
    deepest = Math.max(deepest, depth)
  }
  return deepest
}
