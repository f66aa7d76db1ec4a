import { ident, joinSql, sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Attack } from '../../attack.js'
import { namesSomebodyElse } from '../../own-name.js'
import { notPublic } from '../../public-rows.js'
import { hasMoreRowsThan, numberOf } from '../../samples.js'

/** Tables with more rows are not sent over the connection whole. */
const mostRows = 5_000

/** COPY TO, which has a way of its own to the rows. */
export const copy: Attack = {
  id: 'copy',
  title: 'Exports rows of another tenant by COPY TO.',
  command: 'SELECT',
  context: 'own',
  applies: (_input, { table, keyColumn }) =>
    table.relation.kind === 'table' &&
    keyColumn !== null &&
    // Other users' rows are shown on purpose where users share a tenant.
    (table.declaration?.sharedThrough ?? null) === null,
  run: async (probe) => {
    const { session, target, input, role } = probe
    const hidden = notPublic(target)
    if (hidden === null) return inconclusive('every row is declared public')
    if (await hasMoreRowsThan(session, target, mostRows)) {
      return inconclusive('too many rows to export whole; use a copy')
    }
    const readable = input.access.columns(role, 'SELECT', target.table.relation)
    const columns = target.table.relation.columns
      // COPY takes no generated column.
      .filter(({ name, generated }) => generated === null && readable.includes(name))
      .map(({ name }) => name)
    if (columns.length === 0) return inconclusive('the role may read no column')
    const counted = await session.admin(
      sql`select count(*)::int as n from only ${target.name} r where (${target.key} <> $1::${target.keyType} and ${hidden} and ${namesSomebodyElse(probe)}) is not true`,
      [probe.own],
    )
    if (!counted.ok) return inconclusive(`counting its own rows fails with ${counted.sqlState}`)
    const allowed = numberOf(counted.rows[0]?.['n'])
    // No stream is needed to see how many rows the server sent.
    const statement = sql`copy ${target.name} (${joinSql(columns.map((name) => ident(name)))}) to stdout`
    const step = await session.attempt(() => session.as(role, probe.context, statement))
    if (!step.ok) return inconclusive(`COPY fails with ${step.sqlState}`)
    if (step.rowCount > allowed) {
      return { kind: 'leak', statement, what: 'rows of another tenant are exported by COPY' }
    }
    return step.rowCount > 0 ? held : inconclusive('COPY exports none of its own rows')
  },
}
