import { sql } from 'watertight/sql'
import type { ObjectProbe } from './object-attack.js'
import type { PreparedRows } from './prepare-rows.js'
import type { Target } from './target.js'

/**
 * Values, as text, that the victim's rows have and none of the attacker's: whoever is shown one was
 * shown a row of the victim. They stay inside the run.
 */
export async function distinctiveValues(
  probe: ObjectProbe,
  target: Target,
  rows: PreparedRows,
): Promise<readonly string[]> {
  const read = await probe.session.admin(
    sql`with shown as (
      select s.side, e.value from unnest($1::int[], $2::oid[], $3::tid[]) s(side, t, c)
        join ${target.name} r on r.tableoid = s.t and r.ctid = s.c, lateral jsonb_each_text(to_jsonb(r)) e
      where length(e.value) >= 2 and e.value not in ('true', 'false'))
    select distinct value from shown where side = 1
      except select value from shown where side = 0 limit 2000`,
    [
      [...rows.own.tables.map(() => 0), ...rows.foreign.tables.map(() => 1)],
      [...rows.own.tables, ...rows.foreign.tables],
      [...rows.own.places, ...rows.foreign.places],
    ],
  )
  return read.ok ? (read.rows as { value: string }[]).map(({ value }) => value) : []
}
