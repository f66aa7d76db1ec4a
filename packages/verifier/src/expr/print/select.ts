import { emptySql, ident, joinSql, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { CommonTable, Locking, PlainSelect, QueryTail, Select } from '../ir/select.js'
import type { SortKey, Target } from '../ir/select.js'
import type { Printer } from './printer.js'

/** The text of a query. */
export function printQuery(select: Select, to: Printer): Sql {
  switch (select.kind) {
    case 'opaque':
      return trustedSql(select.text)
    case 'select':
      return around(select, printPlain(select, to), to)
    case 'set-operation': {
      const word = trustedSql(select.operation.toUpperCase())
      const all = select.all ? sql` ALL` : emptySql
      const body = sql`(${to.select(select.left)}) ${word}${all} (${to.select(select.right)})`
      return around(select, body, to)
    }
    case 'values': {
      const rows = select.rows.map((row) => sql`(${to.list(row)})`)
      return around(select, sql`VALUES ${joinSql(rows)}`, to)
    }
  }
}

function printPlain(select: PlainSelect, to: Printer): Sql {
  const { distinct, targets, from, where, groupBy, groupDistinct, having } = select
  const parts = [sql`SELECT`]
  if (distinct !== null) {
    parts.push(distinct.length === 0 ? sql`DISTINCT` : sql`DISTINCT ON (${to.list(distinct)})`)
  }
  if (targets.length > 0) parts.push(joinSql(targets.map((target) => printTarget(target, to))))
  if (from.length > 0) parts.push(sql`FROM ${joinSql(from.map(to.fromItem))}`)
  if (where !== null) parts.push(sql`WHERE ${to.expr(where)}`)
  if (groupBy.length > 0) {
    parts.push(sql`GROUP BY ${groupDistinct ? sql`DISTINCT ` : emptySql}${to.list(groupBy)}`)
  }
  if (having !== null) parts.push(sql`HAVING ${to.expr(having)}`)
  return joinSql(parts, ' ')
}

function printTarget({ value, alias }: Target, to: Printer): Sql {
  return alias === null ? to.expr(value) : sql`${to.expr(value)} AS ${ident(alias)}`
}

function around(tail: QueryTail, body: Sql, to: Printer): Sql {
  const { ctes, recursive, orderBy, limit, offset, withTies, locking } = tail
  const parts: Sql[] = []
  if (ctes.length > 0) {
    const tables = ctes.map((table) => printCommonTable(table, to))
    parts.push(sql`WITH ${recursive ? sql`RECURSIVE ` : emptySql}${joinSql(tables)}`)
  }
  parts.push(sql`${body}${to.orderBy(orderBy)}`)
  if (offset !== null) parts.push(sql`OFFSET ${to.operand(offset)}`)
  if (limit !== null) {
    parts.push(
      withTies
        ? sql`FETCH FIRST (${to.expr(limit)}) ROWS WITH TIES`
        : sql`LIMIT ${to.operand(limit)}`,
    )
  }
  parts.push(...locking.map(printLocking))
  return joinSql(parts, ' ')
}

function printCommonTable({ name, columns, select, materialized }: CommonTable, to: Printer): Sql {
  const list = columns.length === 0 ? emptySql : sql`(${joinSql(columns.map(ident))})`
  const how = {
    default: emptySql,
    always: sql`MATERIALIZED `,
    never: sql`NOT MATERIALIZED `,
  }[materialized]
  return sql`${ident(name)}${list} AS ${how}(${to.select(select)})`
}

function printLocking({ strength, of, wait }: Locking): Sql {
  const word = trustedSql(strength.toUpperCase().replaceAll('-', ' '))
  const names = of.length === 0 ? emptySql : sql` OF ${joinSql(of.map(ident))}`
  const waiting = { block: emptySql, skip: sql` SKIP LOCKED`, error: sql` NOWAIT` }[wait]
  return sql`FOR ${word}${names}${waiting}`
}

/** ` ORDER BY …`, or nothing. */
export function printOrderBy(keys: readonly SortKey[], to: Printer): Sql {
  if (keys.length === 0) return emptySql
  const items = keys.map(({ value, direction, nulls }) => {
    const order = { default: emptySql, asc: sql` ASC`, desc: sql` DESC` }[direction]
    const place = { default: emptySql, first: sql` NULLS FIRST`, last: sql` NULLS LAST` }[nulls]
    return sql`${to.operand(value)}${order}${place}`
  })
  return sql` ORDER BY ${joinSql(items)}`
}
