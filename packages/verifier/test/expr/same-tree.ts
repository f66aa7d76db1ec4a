import { comparable } from '../../src/expr/parser/comparable.js'
import { parseStatements } from '../../src/expr/parser/parser.js'

/** The tree of an expression as text, equal for expressions that PostgreSQL reads alike. */
export function treeOf(expression: string): string {
  return treeOfQuery(`SELECT NULL, ${expression}\n`)
}

/** The tree of a query as text. */
export function treeOfQuery(query: string): string {
  return comparable(parseStatements(query).map(({ node }) => canonical(node)))
}

/**
 * `(a)[1].b` and `((a)[1]).b` mean the same but differ in nesting: here each field selection gets
 * a node of its own.
 */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, child]) => [key, canonical(child)] as const)
  const node = Object.fromEntries(entries) as Record<string, unknown>
  if (!('A_Indirection' in node)) return node
  const { arg, indirection } = node['A_Indirection'] as { arg: unknown; indirection: unknown[] }
  let result = arg
  let subscripts: unknown[] = []
  for (const step of indirection) {
    if (typeof step === 'object' && step !== null && 'A_Indices' in step) {
      subscripts.push(step)
      continue
    }
    if (subscripts.length > 0) result = nest(result, subscripts)
    subscripts = []
    result = nest(result, [step])
  }
  return subscripts.length > 0 ? nest(result, subscripts) : result
}

function nest(arg: unknown, indirection: readonly unknown[]): unknown {
  return { A_Indirection: { arg, indirection } }
}
