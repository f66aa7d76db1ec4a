import type { PlatformDatabase } from '../platform-database.js'
import { ident, joinSql, qualifiedName, sql } from 'watertight/sql'

/** Who is who and where: what requests can end, so that nobody could send anything after a while. */
const tables = [
  ['core', 'tenants'],
  ['core', 'users'],
  ['core', 'memberships'],
  ['core', 'org_units'],
  ['core', 'org_memberships'],
  ['core', 'access_grants'],
] as const

/** Keeps the standing of the demo's people and returns what puts it back. */
export async function keepStanding(database: PlatformDatabase): Promise<() => Promise<void>> {
  const client = await database.connect()
  // The rows are put back as they were, past triggers that hold changes to their rules.
  await client.query('set session_replication_role = replica')
  const kept: { text: string; put: string; rows: string }[] = []
  for (const [schema, name] of tables) {
    const from = qualifiedName(schema, name)
    const { rows } = await client.query<{ row: { id: string } }>(
      sql`select to_jsonb(t) as row from ${from} t`.text,
    )
    const columns = await client.query<{ name: string }>(
      `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0
           and not attisdropped and attgenerated = ''`,
      [`${schema}.${name}`],
    )
    const list = joinSql(
      columns.rows.map((column) => ident(column.name)),
      ', ',
    )
    const text = sql`with gone as (delete from ${from} where id in
          (select id from jsonb_populate_recordset(null::${from}, $1)) returning id)
        select count(*) from gone`.text
    const put = sql`insert into ${from} (${list}) overriding system value
        select ${list} from jsonb_populate_recordset(null::${from}, $1) on conflict do nothing`.text
    kept.push({ text, put, rows: JSON.stringify(rows.map(({ row }) => row)) })
  }
  return async () => {
    await client.query('begin')
    for (const { text, put, rows } of kept) {
      await client.query(text, [rows])
      await client.query(put, [rows])
    }
    await client.query('commit')
  }
}
