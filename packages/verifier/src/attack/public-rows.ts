import { sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Target } from './target.js'

/** The condition that row `r` is not declared public; null when every row is. */
export function notPublic(target: Target): Sql | null {
  const projection = target.table.public
  if (projection === null) return sql`true`
  if (projection.where === null) return null
  // The model's author wrote the condition for the table itself, so it is asked of the row alone.
  return sql`(select (${trustedSql(projection.where)}) is not true from (select r.*) as ${trustedSql('declared')})`
}
