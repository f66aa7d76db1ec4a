import { sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'

/** A type of columns, and conditions on column `c` that some value of it meets. */
export interface ColumnKind {
  readonly type: Sql
  readonly checks: readonly ((c: Sql) => Sql)[]
  /** Rows can differ in it, so that it may be part of a key. */
  readonly isKey: boolean
}

function kind(type: string, isKey: boolean, checks: readonly ((c: Sql) => Sql)[] = []): ColumnKind {
  return { type: trustedSql(type), checks, isKey }
}

/** The types of ordinary schemas, with what people demand of them. */
export const columnKinds: readonly ColumnKind[] = [
  kind('integer', true, [
    (c) => sql`${c} > 0`,
    (c) => sql`${c} between 1 and 5`,
    (c) => sql`${c} % 7 = 0`,
    (c) => sql`${c} >= 18 and ${c} < 130`,
  ]),
  kind('bigint', true, [(c) => sql`${c} <> 0`]),
  kind('smallint', true, [(c) => sql`${c} in (1, 2, 3)`]),
  kind('numeric(10, 2)', false, [(c) => sql`${c} >= 0`, (c) => sql`${c} > 0 and ${c} <= 100`]),
  kind('double precision', false, [(c) => sql`${c} between -90 and 90`]),
  kind('text', true, [
    (c) => sql`length(${c}) > 0`,
    (c) => sql`length(${c}) between 3 and 40`,
    (c) => sql`${c} in ('open', 'closed')`,
    (c) => sql`${c} ~ '^[a-z0-9-]+$'`,
    (c) => sql`${c} ~ '^[A-Z]{2}[0-9]{4}$'`,
    (c) => sql`${c} ~* '^[^@ ]+@[^@ ]+\.[a-z]{2,}$'`,
    (c) => sql`${c} = lower(${c})`,
    (c) => sql`${c} like 'https://%'`,
    (c) => sql`trim(${c}) <> ''`,
  ]),
  kind('varchar(12)', true, [(c) => sql`char_length(${c}) >= 2`]),
  kind('char(3)', false, [(c) => sql`${c} = upper(${c})`]),
  kind('uuid', true),
  kind('boolean', false, [(c) => sql`${c} or not ${c}`, (c) => sql`${c}`]),
  kind('date', true, [
    (c) => sql`${c} > date '2000-01-01'`,
    (c) => sql`extract(year from ${c}) < 2100`,
  ]),
  kind('timestamptz', true, [(c) => sql`${c} >= timestamptz '2020-01-01 00:00+00'`]),
  kind('time', false, [(c) => sql`${c} >= time '08:00'`]),
  kind('interval', false, [(c) => sql`${c} > interval '0'`]),
  kind('jsonb', false, [
    (c) => sql`jsonb_typeof(${c}) = 'object'`,
    (c) => sql`jsonb_typeof(${c}) = 'array'`,
    (c) => sql`${c} ? 'name'`,
  ]),
  kind('text[]', false, [
    (c) => sql`cardinality(${c}) > 0`,
    (c) => sql`array_length(${c}, 1) <= 4`,
    (c) => sql`${c} <@ array['red', 'green']`,
  ]),
  kind('integer[]', false, [(c) => sql`0 < all (${c})`]),
  kind('bytea', true, [(c) => sql`octet_length(${c}) = 32`]),
  kind('inet', false, [(c) => sql`family(${c}) = 4`]),
  kind('int4range', false, [(c) => sql`not isempty(${c})`]),
  kind('tstzrange', false, [(c) => sql`lower(${c}) is not null`]),
  kind('point', false),
  kind('bit(4)', false),
]
