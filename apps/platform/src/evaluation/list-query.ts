import { ident, joinSql, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Cursor } from '../api/page.js'

/** Which page of a list. */
export interface PageOf {
  readonly after: Cursor | null
  readonly limit: number
}

/** What a list is read from and ordered by. */
export interface ListOrder {
  /** The relation whose rows are listed; in the query its alias is `x`. */
  readonly relation: Sql
  /** The column of time, or another that grows; highest first. */
  readonly order: string
}

/** A page as parts of a query, to join what is shown beside its rows in between. */
export interface ListPage {
  /** What goes after `from`; its alias is `x`. */
  readonly rows: Sql
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
 * list.page({ relation: sql`evt.events`, order: 'starts_at' }, { after: null, limit: 25 })
 * // rows: (select x.* from evt.events x where x.kind = $1
 * //   order by x.starts_at desc, x.id desc limit $2) x
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
   * the caller knows of a next page. The last row of the page before is looked up by its id:
   * JavaScript's dates are coarser than PostgreSQL's times.
   */
  page({ relation, order }: ListOrder, { after, limit }: PageOf): ListPage {
    const column = ident(order)
    if (after !== null) {
      const id = sql`${this.value(after.id)}::uuid`
      const at = sql`(select last.${column} from ${relation} last where last.id = ${id})`
      this.and(sql`(x.${column}, x.id) < (${at}, ${id})`)
    }
    const conditions = this.#conditions.length === 0 ? [sql`true`] : this.#conditions
    const size = this.value(limit + 1)
    const newest = sql`order by x.${column} desc, x.id desc`
    const found = sql`select x.* from ${relation} x where ${joinSql(conditions, ' and ')}`
    return { rows: sql`(${found} ${newest} limit ${size}) x`, order: newest }
  }
}
