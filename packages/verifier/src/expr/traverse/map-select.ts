import type { FromItem, QueryTail, Select } from '../ir/select.js'
import { mapSortKeys, optional } from './map-expr.js'
import type { ChildMapper } from './map-expr.js'

/** A copy of a query whose expressions and inner queries were replaced. */
export function mapSelect(select: Select, to: ChildMapper): Select {
  switch (select.kind) {
    case 'opaque':
      return select
    case 'set-operation':
      return {
        ...select,
        ...mapTail(select, to),
        left: to.select(select.left),
        right: to.select(select.right),
      }
    case 'values':
      return { ...select, ...mapTail(select, to), rows: select.rows.map((row) => row.map(to.expr)) }
    case 'select':
      return {
        ...select,
        ...mapTail(select, to),
        targets: select.targets.map((target) => ({ ...target, value: to.expr(target.value) })),
        from: select.from.map((item) => mapFromItem(item, to)),
        where: optional(select.where, to),
        distinct: select.distinct?.map(to.expr) ?? null,
        groupBy: select.groupBy.map(to.expr),
        having: optional(select.having, to),
      }
  }
}

/** A copy of a from-item whose expressions and queries were replaced; joins are descended. */
function mapFromItem(item: FromItem, to: ChildMapper): FromItem {
  switch (item.kind) {
    case 'opaque':
    case 'table':
      return item
    case 'subselect':
      return { ...item, select: to.select(item.select) }
    case 'function':
      return { ...item, call: to.expr(item.call) }
    case 'join':
      return {
        ...item,
        left: mapFromItem(item.left, to),
        right: mapFromItem(item.right, to),
        on: optional(item.on, to),
      }
  }
}

function mapTail(tail: QueryTail, to: ChildMapper): QueryTail {
  return {
    ctes: tail.ctes.map((table) => ({ ...table, select: to.select(table.select) })),
    recursive: tail.recursive,
    orderBy: mapSortKeys(tail.orderBy, to),
    limit: optional(tail.limit, to),
    offset: optional(tail.offset, to),
    withTies: tail.withTies,
    locking: tail.locking,
  }
}
