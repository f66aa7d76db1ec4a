import type { Sql } from '../../sql/index.js'
import { sql } from '../../sql/index.js'

/**
 * Sets, for the transaction, everything that changes what PostgreSQL prints, and returns as
 * `previous` the values that were in force (a JSON object). A name is printed qualified when the
 * search path does not find it, so only pg_catalog is on the path; pg_temp is named last because it
 * would otherwise come first, unwritten. JIT would cost more than these statements take.
 */
export const applyReadingSettingsQuery: Sql = sql`
  with wanted (name, value) as materialized (values
      ('search_path', 'pg_catalog, pg_temp'),
      ('quote_all_identifiers', 'off'),
      ('standard_conforming_strings', 'on'),
      ('datestyle', 'ISO, YMD'),
      ('intervalstyle', 'postgres'),
      ('timezone', 'UTC'),
      ('bytea_output', 'hex'),
      ('extra_float_digits', '1'),
      ('xmloption', 'content'),
      ('jit', 'off')
    ),
    before as materialized (
      select pg_catalog.json_object_agg(name, pg_catalog.current_setting(name)) as previous
      from wanted
    )
  select before.previous::text as previous, pg_catalog.count(applied.value) as applied
  from before
  cross join lateral (
    select pg_catalog.set_config(name, value, true) as value
    from wanted where before.previous is not null
  ) as applied
  group by before.previous::text`

/** Sets the settings of `$1` (a JSON object of names and values) for the rest of the transaction. */
export const restoreSettingsQuery: Sql = sql`
  select pg_catalog.count(pg_catalog.set_config(setting.key, setting.value, true))
  from pg_catalog.json_each_text($1::text::json) as setting`
