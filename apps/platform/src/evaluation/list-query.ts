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

/**
 * Collects the conditions of a list with their values, so that each combination of filters has a
 * text of its own and the planner sees plain comparisons.
 *
 * @example
 * ```ts
 * const list = new ListQuery()
 * list.where('kind', 'exam')
 * list.page({ relation: sql`eval.evaluations`, order: 'created_at' }, { after: null, limit: 25 })
 * // where x.kind = $1 order by x.created_at desc, x.id desc limit $2
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
  where(column: string, value: string | number | null | undefined, alias = 'x'): void {
    if (value === null || value === undefined) return
    this.and(sql`${ident(alias)}.${ident(column)} = ${this.value(value)}`)
  }

  /** Demands what `condition` says. */
  and(condition: Sql): void {
    this.#conditions.push(condition)
  }

  /**
   * Conditions, order and size of the page; one row more than the limit, so that the caller knows of
   * a next page. The last row of the page before is looked up by its id: JavaScript's dates are
   * coarser than PostgreSQL's times.
   */
  page({ relation, order }: ListOrder, { after, limit }: PageOf): Sql {
    const column = ident(order)
    if (after !== null) {
      const id = sql`${this.value(after.id)}::uuid`
      const at = sql`(select last.${column} from ${relation} last where last.id = ${id})`
      this.and(sql`(x.${column}, x.id) < (${at}, ${id})`)
    }
    const conditions = this.#conditions.length === 0 ? [sql`true`] : this.#conditions
    const size = this.value(limit + 1)
    return sql`where ${joinSql(conditions, ' and ')} order by x.${column} desc, x.id desc limit ${size}`
  }
}
