import type { A_Indirection, ColumnRef as RawColumnRef } from 'libpg-query'
import type { ColumnRef, Expr, Star, SubscriptIndex } from '../ir/expr.js'
import type { Converter } from './converter.js'
import { rawIf, stringsOf } from './node.js'
import { unmodelled } from './unmodelled.js'

/** A reference to a column, or `*`. */
export function convertColumnRef(reference: RawColumnRef): ColumnRef | Star {
  const fields = reference.fields ?? []
  const last = fields.at(-1)
  const qualifier = stringsOf(fields.slice(0, -1))
  if (qualifier.length > 2) return unmodelled('a column with a database before it')
  if (rawIf(last, 'A_Star') !== undefined) return { kind: 'star', qualifier }
  const [name] = last === undefined ? [] : stringsOf([last])
  return name === undefined ? unmodelled('a reference') : { kind: 'column', qualifier, name }
}

/** Subscripts and field selections, which the grammar keeps in one flat list. */
export function convertIndirection(indirection: A_Indirection, to: Converter): Expr {
  let result = to.expr(indirection.arg)
  let indices: SubscriptIndex[] = []
  const subscripted = (): Expr => {
    const operand = result
    const pending = indices
    indices = []
    return pending.length === 0 ? operand : { kind: 'subscript', operand, indices: pending }
  }
  for (const step of indirection.indirection ?? []) {
    const index = rawIf(step, 'A_Indices')
    if (index !== undefined) {
      const slice = index.is_slice ?? false
      indices.push({ slice, lower: to.optional(index.lidx), upper: to.optional(index.uidx) })
    } else if (rawIf(step, 'A_Star') !== undefined) {
      result = { kind: 'field-star', operand: subscripted() }
    } else {
      const [name = unmodelled('a field')] = stringsOf([step])
      result = { kind: 'field', operand: subscripted(), name }
    }
  }
  return subscripted()
}
