import type { Expr } from '../ir/expr.js'

/**
 * The name that PostgreSQL gives an output column without AS, `?column?` when it has none
 * (`FigureColname` in parse_target.c).
 */
export function outputName(expr: Expr): string {
  return figure(expr).name ?? '?column?'
}

interface Figured {
  readonly name: string | null
  /** A weak name gives way to that of a type cast around it. */
  readonly strong: boolean
}

const nameless: Figured = { name: null, strong: false }

function strong(name: string): Figured {
  return { name, strong: true }
}

function figure(expr: Expr): Figured {
  switch (expr.kind) {
    case 'column':
    case 'field':
      return strong(expr.name)
    case 'bound-column':
      return strong(expr.written.name)
    case 'bound-row':
      return expr.written.kind === 'column' ? strong(expr.written.name) : nameless
    case 'bound-output':
      return strong(expr.name)
    case 'parameter':
      return expr.written === null ? nameless : strong(expr.written.name)
    case 'call':
      return strong(expr.function.name)
    case 'coalesce':
      return strong(expr.kind)
    case 'nullif':
      return strong(expr.kind)
    case 'extremum':
      return strong(expr.which)
    case 'array':
    case 'row':
      return strong(expr.kind)
    case 'sql-value':
      return strong(expr.name)
    case 'collate':
      return figure(expr.operand)
    case 'subscript':
      return figure(expr.operand)
    case 'cast': {
      const inner = figure(expr.operand)
      return inner.strong ? inner : { name: expr.type.name, strong: false }
    }
    case 'case': {
      const inner = expr.otherwise === null ? nameless : figure(expr.otherwise)
      return inner.strong ? inner : { name: 'case', strong: false }
    }
    case 'subquery':
      return figureSubquery(expr)
    default:
      return nameless
  }
}

function figureSubquery(expr: Extract<Expr, { kind: 'subquery' }>): Figured {
  if (expr.form !== 'scalar') return strong(expr.form)
  const target = expr.select.kind === 'select' ? expr.select.targets[0] : undefined
  if (target === undefined) return nameless
  return target.alias === null ? figure(target.value) : strong(target.alias)
}
