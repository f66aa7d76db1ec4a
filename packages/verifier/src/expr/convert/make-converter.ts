import type { Node, SelectStmt } from 'libpg-query'
import { WatertightError } from 'watertight/errors'
import type { Opaque } from '../ir/expr.js'
import type { Converter } from './converter.js'
import { convertExpr } from './expr.js'
import { convertFromItem } from './from-item.js'
import { required } from './node.js'
import { convertSelect } from './select.js'
import { SourceText } from './source-text.js'
import type { Fragment } from './source-text.js'
import { Unmodelled } from './unmodelled.js'

/** Deepest IR. INVARIANT: recursion over an expression and all its sub-queries fits the stack. */
const maxDepth = 300

/**
 * A converter for nodes that were parsed from `text`. What the IR does not model becomes opaque
 * with exactly its own text; where that text cannot be told, what surrounds it becomes opaque.
 */
export function makeConverter(text: string): Converter {
  const source = new SourceText(text)

  let depth = 0

  const orOpaque = <T>(fragment: Fragment, node: unknown, convert: () => T): T | Opaque => {
    depth += 1
    if (depth > maxDepth) {
      throw new WatertightError('UNPARSABLE_SQL', `nested deeper than ${maxDepth} levels`)
    }
    try {
      return convert()
    } catch (error) {
      if (!(error instanceof Unmodelled)) throw error
      const written = source.textOf(node, fragment)
      if (written === undefined) throw error
      return { kind: 'opaque', reason: error.reason, text: written }
    } finally {
      depth -= 1
    }
  }

  const to: Converter = {
    expr: (node) => {
      const present = required(node)
      return orOpaque('expression', present, () => convertExpr(present, to))
    },
    optional: (node) => (node === undefined ? null : to.expr(node)),
    exprs: (nodes = []) => nodes.map((node) => to.expr(node)),
    select: (statement: SelectStmt) =>
      orOpaque('query', { SelectStmt: statement }, () => convertSelect(statement, to)),
    fromItem: (node: Node) => orOpaque('from-item', node, () => convertFromItem(node, to)),
  }
  return to
}
