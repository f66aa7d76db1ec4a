import type { Term } from './term.js'

/** The terms below some terms, each once: equal ones are one. */
export interface Sharing {
  /** Every term after its operands. */
  readonly order: readonly Term[]
  /** The term that stands for all that are equal to it. */
  readonly canonical: (term: Term) => Term
  /** Levels that terms nest. */
  readonly depth: number
  /** The term stands in more than one place. */
  readonly isShared: (term: Term) => boolean
}

/**
 * Walks terms without recursion: conditions may nest deeper than the stack is. Stops after `most`
 * terms: then `order` has that many, and the rest says nothing.
 */
export function sharing(roots: readonly Term[], most: number = Infinity): Sharing {
  const order: Term[] = []
  const ids = new Map<Term, number>()
  const entered = new Set<Term>()
  const byShape = new Map<string, number>()
  const shared = new Set<number>()
  const used = new Set<number>()
  let depth = 0
  const finish = (term: Term): void => {
    const below = operandsOf(term).map((operand) => ids.get(operand) ?? -1)
    const shape = `${headOf(term)} ${below.join(' ')}`
    const found = byShape.get(shape)
    const id = found ?? order.length
    ids.set(term, id)
    if (found !== undefined) return
    byShape.set(shape, id)
    order.push(term)
    const once = new Set<number>()
    for (const part of below) {
      if (once.has(part) || used.has(part)) shared.add(part)
      once.add(part)
      used.add(part)
    }
  }
  for (const root of roots) {
    const pending: { readonly term: Term; readonly operands: readonly Term[]; next: number }[] = []
    const enter = (term: Term): void => {
      if (entered.has(term)) return
      entered.add(term)
      pending.push({ term, operands: operandsOf(term), next: 0 })
      depth = Math.max(depth, pending.length)
    }
    enter(root)
    for (let top = pending.at(-1); top !== undefined; top = pending.at(-1)) {
      if (order.length >= most) break
      const operand = top.operands[top.next++]
      if (operand !== undefined) enter(operand)
      else {
        pending.pop()
        finish(top.term)
      }
    }
  }
  return {
    order,
    canonical: (term) => order[ids.get(term) ?? -1] ?? term,
    depth,
    isShared: (term) => shared.has(ids.get(term) ?? -1),
  }
}

const none: readonly Term[] = []

/** What a term is made of; empty for constants. */
export function operandsOf(term: Term): readonly Term[] {
  switch (term.kind) {
    case 'const':
    case 'truth':
    case 'number':
    case 'text':
      return none
    case 'apply':
      return term.args
    case 'not':
      return [term.operand]
    case 'and':
    case 'or':
      return term.operands
    case 'if':
      return [term.test, term.yes, term.no]
    default:
      return [term.left, term.right]
  }
}

function headOf(term: Term): string {
  switch (term.kind) {
    case 'const':
      return `const ${term.id}`
    case 'truth':
      return String(term.value)
    case 'number':
      return `number ${term.digits}`
    case 'text':
      return `text ${term.value.length} ${term.value}`
    case 'apply':
      return `apply ${term.fn.length} ${term.fn}`
    default:
      return term.kind
  }
}
