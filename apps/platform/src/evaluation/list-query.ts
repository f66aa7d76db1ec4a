import { ident, joinSql, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { pageSql } from '../database/sort-order.js'
import type { PageFilter, SortOrders } from '../database/sort-order.js'

/** What a list is read from and how it can be ordered. */
export interface ListOrder<Name extends string> {
  /** The relation whose rows are listed; in the query its alias is `x`. */
  readonly relation: Sql
  /** Keys and id of the alias `x`. */
  readonly orders: SortOrders<Name>
}

/** A page as parts of a query, to join what is shown beside its rows in between. */
export interface ListPage {
  /** What goes after `from`; its alias is `x`. */
  readonly rows: Sql
  /** One more column to select: what the cursor is made of. */
  readonly key: Sql
  /** Joins need not keep the order, so it goes last as well. */
  readonly order: Sql
}

/**
 * Collects the conditions of a list with their values, so that each combination of filters has a
 * text of its own and the planner sees plain comparisons.
 *
 * @example
 * ```ts
 * const list = new ListQuery()
 * list.where('kind', 'exam')
 * const orders = sortOrders({ startsAt: byTime(sql`x.starts_at`) }, '-startsAt', sql`x.id`)
 * list.page({ relation: sql`evt.events`, orders }, { sort: '-startsAt', after: null, limit: 25 })
 * // rows: (select x.* from evt.events x where x.kind = $1 and …
 * //   order by x.starts_at desc, x.id desc limit $4) x
 * // order: order by x.starts_at desc, x.id desc
 * ```
 */
export class ListQuery {
  readonly values: unknown[] = []
  readonly #conditions: Sql[] = []

  /** A place for the value in the text of the query. */
  value(value: unknown): Sql {
    return trustedSql(`$${String(this.values.push(value))}`)
  }

  /** Demands that the column has the value; nothing when it is null or absent. */
  where(column: string, value: string | number | null | undefined): void {
    if (value === null || value === undefined) return
    this.and(sql`x.${ident(column)} = ${this.value(value)}`)
  }

  /** Demands what `condition` says. */
  and(condition: Sql): void {
    this.#conditions.push(condition)
  }

  /**
   * The rows of the page, cut before anything is joined to them; one more than the limit, so that
   * the caller knows of a next page.
   */
  page<Name extends string>(
    { relation, orders }: ListOrder<Name>,
    filter: PageFilter<Name>,
  ): ListPage {
    const { after, limit } = filter
    const places = {
      key: this.value(after?.key ?? null),
      id: this.value(after?.id ?? null),
      limit: this.value(limit + 1),
    }
    const page = pageSql(orders, filter, places)
    const conditions = joinSql([...this.#conditions, page.after], ' and ')
    const found = sql`select x.* from ${relation} x where ${conditions}`
    return { rows: sql`(${found} ${page.orderAndLimit}) x`, key: page.column, order: page.order }
  }
}
