import { ident, joinSql, literal, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Probe } from './attack.js'
import { takes } from './grant-tables/key-pairs.js'

/**
 * The condition that row `r` does not name the attacker: an invitation or a link of another tenant
 * that says for whom it is, is shown to that user on purpose.
 */
export function namesSomebodyElse({ ownPrincipal, input, role, target }: Probe): Sql {
  const { user } = ownPrincipal
  if (user === null || target.boundary === 'user') return sql`true`
  const readable = input.access.columns(role, 'SELECT', target.table.relation)
  const columns = target.table.relation.columns.filter(
    (column) =>
      readable.includes(column.name) && column.name !== target.keyColumn && takes(column, user),
  )
  if (columns.length === 0) return sql`true`
  const values = joinSql(columns.map(({ name }) => sql`r.${ident(name)}::text`))
  return sql`not coalesce(${literal(user)} = any (array[${values}]), false)`
}
