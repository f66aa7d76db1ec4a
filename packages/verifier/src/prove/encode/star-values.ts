import type { FromItem, Select } from '../../expr/index.js'
import type { Encoding } from './encoding.js'
import type { Frame } from './frame.js'
import { columnOf } from './row.js'
import type { Value } from './value.js'

/** The columns that `SELECT * FROM …` shows, once its from-items are in the frame. */
export function starValues(
  select: Select,
  encoding: Encoding,
  frame: Frame,
): ReadonlyMap<string, Value> | undefined {
  const [target, ...more] = select.kind === 'select' ? select.targets : []
  if (select.kind !== 'select' || more.length > 0 || target?.value.kind !== 'star') return undefined
  const values = new Map<string, Value>()
  for (const id of select.from.flatMap(occurrencesOf)) {
    const source = frame.sources.get(id)
    if (source === undefined) return undefined
    if (source.kind === 'columns') {
      source.names.forEach((name, index) => {
        const value = source.values[index]
        if (value !== undefined) values.set(name, value)
      })
      continue
    }
    source.row.relation.columns.forEach(({ name }, index) => {
      const value = columnOf(encoding, source.row, name)
      if (value !== undefined) values.set(source.columns?.[index] ?? name, value)
    })
  }
  return values
}

/** The from-items of a join, by their occurrences. */
export function occurrencesOf(item: FromItem): readonly number[] {
  if (item.kind === 'join') return [...occurrencesOf(item.left), ...occurrencesOf(item.right)]
  return item.kind === 'opaque' || item.occurrence === null ? [] : [item.occurrence]
}
