import type { Node } from 'libpg-query'
import type { SortKey } from '../ir/select.js'
import type { Converter } from './converter.js'
import { raw } from './node.js'
import { unmodelled } from './unmodelled.js'

/** One expression of ORDER BY. */
export function convertSortKey(node: Node, to: Converter): SortKey {
  const { node: value, sortby_dir: direction, sortby_nulls: nulls } = raw(node, 'SortBy')
  if (direction === 'SORTBY_USING') return unmodelled('ORDER BY … USING')
  return {
    value: to.expr(value),
    direction:
      direction === 'SORTBY_ASC' ? 'asc' : direction === 'SORTBY_DESC' ? 'desc' : 'default',
    nulls:
      nulls === 'SORTBY_NULLS_FIRST' ? 'first' : nulls === 'SORTBY_NULLS_LAST' ? 'last' : 'default',
  }
}
