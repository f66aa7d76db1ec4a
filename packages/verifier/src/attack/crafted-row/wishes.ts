import type { Column } from 'watertight/catalog'
import { sql, trustedSql } from 'watertight/sql'
import type { Expr, ExprOf, OperatorCall } from '../../expr/index.js'
import { walk } from '../../expr/index.js'
import type { Probe } from '../attack.js'
import { columnsOf, evaluate, isConstant } from '../policy-text/evaluate.js'
import { ownRow } from '../policy-text/parsed-policies.js'
import { samplePattern } from '../synthesis/sample-pattern.js'
import { valueFor } from '../synthesis/value-for.js'

/** Values of a column that a condition might accept, likeliest first. */
export interface Wish {
  readonly column: string
  readonly values: readonly (string | null)[]
}

/** What a row has to hold for one condition to be true, as far as that can be told. */
export async function wishesOf(probe: Probe, condition: Expr): Promise<readonly Wish[]> {
  const named = [...new Set(columnsOf(condition, ownRow).map(({ column }) => column))]
  const columns = probe.target.table.relation.columns.filter(({ name }) => named.includes(name))
  const wishes: Wish[] = []
  for (const column of columns) {
    const values = await valuesFor(probe, condition, column)
    const distinct = [...new Set(values)].slice(0, 8)
    if (distinct.length > 0) wishes.push({ column: column.name, values: distinct })
  }
  return wishes
}

async function valuesFor(
  probe: Probe,
  condition: Expr,
  column: Column,
): Promise<readonly (string | null)[]> {
  const fallback = [...literalsIn(condition), ...(column.baseType === 'boolean' ? ['true'] : [])]
  switch (condition.kind) {
    case 'bound-column':
      return ['true']
    case 'boolean-test':
      return [String((condition.value === 'true') !== condition.negated)]
    case 'not':
      return ['false', ...(await valuesFor(probe, condition.operand, column)).map(other)]
    case 'cast': {
      const path = pathTo(condition)
      if (path.length > 0) return [JSON.stringify(nest(path, true)), ...fallback]
      return [...(await valuesFor(probe, condition.operand, column)), ...fallback]
    }
    case 'coalesce': {
      const [first] = condition.operands.filter((each) => columnsOf(each, ownRow).length > 0)
      return first === undefined
        ? fallback
        : [...(await valuesFor(probe, first, column)), ...fallback]
    }
    case 'null-test':
      return condition.negated ? [someValue(probe, column)] : [null]
    case 'operator':
      return [...(await compared(probe, condition, column)), ...fallback]
    case 'distinct-test': {
      const value = await constantSide(probe, [condition.left, condition.right])
      return [value, someValue(probe, column)]
    }
    case 'pattern-test':
      return [...(await matching(probe, condition)), ...fallback]
    case 'in-list':
      return [...(await each(probe, condition.items)), ...fallback]
    case 'between':
      return each(probe, [condition.low, condition.high])
    case 'array-quantified':
      return [...(await members(probe, condition, column)), ...fallback]
    default:
      return fallback
  }
}

function other(value: string | null): string | null {
  return value === 'true' ? 'false' : value === 'false' ? 'true' : `${value ?? ''}x`
}

function someValue(probe: Probe, column: Column): string | null {
  return valueFor(probe.input.catalog, column, Math.floor(Math.random() * 1_000_000))
}

const later: ReadonlySet<string> = new Set(['>', '>='])
const earlier: ReadonlySet<string> = new Set(['<', '<='])

async function compared(
  probe: Probe,
  { operator, left, right }: OperatorCall,
  column: Column,
): Promise<readonly (string | null)[]> {
  if (left === null) return []
  const onLeft = columnsOf(left, ownRow).length > 0
  const constant = onLeft ? right : left
  if (!isConstant(constant)) return []
  const isAbove = onLeft ? later.has(operator.name) : earlier.has(operator.name)
  const isBelow = onLeft ? earlier.has(operator.name) : later.has(operator.name)
  if (isAbove || isBelow) return beyond(probe, constant, column, isAbove)
  const value = await evaluate(probe, constant)
  if (value === null) return []
  if (operator.name === '<>') return [someValue(probe, column), `${value}x`]
  if (operator.name.startsWith('~')) {
    const sample = samplePattern(value, () => 0)
    return [value, ...(sample === null ? [] : [sample])]
  }
  const path = pathTo(onLeft ? left : right)
  if (path.length > 0) return [JSON.stringify(nest(path, value)), JSON.stringify(nest(path, true))]
  if (column.baseType.endsWith('[]') && !value.startsWith('{')) return [`{${value}}`]
  return [value]
}

async function beyond(
  probe: Probe,
  constant: Expr,
  column: Column,
  isAbove: boolean,
): Promise<readonly (string | null)[]> {
  const sign = trustedSql(isAbove ? '+' : '-')
  const isTime = /^(date|timestamp)/.test(column.baseType)
  const step = isTime ? sql`interval '1 day'` : sql`1`
  const moved = await evaluate(probe, constant, (value) => sql`${value} ${sign} ${step}`)
  const same = await evaluate(probe, constant)
  return [...(moved === null ? [] : [moved]), same]
}

async function matching(
  probe: Probe,
  { operand, pattern }: ExprOf<'pattern-test'>,
): Promise<readonly string[]> {
  if (columnsOf(operand, ownRow).length === 0) return ['%']
  const value = isConstant(pattern) ? await evaluate(probe, pattern) : null
  if (value === null) return []
  const plain = value.replaceAll('_', 'x')
  return [plain.replaceAll('%', 'x'), plain.replaceAll('%', '')]
}

async function members(
  probe: Probe,
  { left, array }: ExprOf<'array-quantified'>,
  column: Column,
): Promise<readonly (string | null)[]> {
  if (columnsOf(array, ownRow).length > 0) {
    const value = isConstant(left) ? await evaluate(probe, left) : null
    return value === null ? [] : [column.baseType.endsWith('[]') ? `{"${value}"}` : value]
  }
  let inner = array
  while (inner.kind === 'cast') inner = inner.operand
  if (inner.kind === 'array') return each(probe, inner.elements)
  if (!isConstant(array)) return []
  return [await evaluate(probe, array, (value) => sql`${value}[1]`)]
}

async function each(probe: Probe, items: readonly Expr[]): Promise<readonly string[]> {
  const values: string[] = []
  for (const item of items.filter(isConstant).slice(0, 4)) {
    const value = await evaluate(probe, item)
    if (value !== null) values.push(value)
  }
  return values
}

async function constantSide(probe: Probe, sides: readonly Expr[]): Promise<string | null> {
  const side = sides.find(isConstant)
  return side === undefined ? null : evaluate(probe, side)
}

function literalsIn(condition: Expr): readonly string[] {
  const found: string[] = []
  walk(condition, {
    expr: (node) => {
      if (node.kind === 'literal' && node.type !== 'null') found.push(String(node.value))
    },
  })
  return found
}

/** The keys by which an expression looks into a JSON column. */
function pathTo(expr: Expr): readonly string[] {
  if (expr.kind === 'cast') return pathTo(expr.operand)
  if (expr.kind !== 'operator' || expr.left === null || !expr.operator.name.startsWith('->'))
    return []
  const key = expr.right.kind === 'cast' ? expr.right.operand : expr.right
  return key.kind === 'literal' ? [...pathTo(expr.left), String(key.value)] : []
}

function nest(path: readonly string[], value: string | boolean): Record<string, unknown> {
  const [first = '', ...rest] = path
  return { [first]: rest.length === 0 ? value : nest(rest, value) }
}
