import { guc, using } from './policy-case.js'
import type { PolicyCase } from './policy-case.js'

/** Expressions that fail, and are not always looked at: each was found by the differential test. */
export const failureCases: readonly PolicyCase[] = [
  {
    name: 'a cast that fails is not looked at without a row to compare with',
    context: guc,
    sql: `create table {s}.e (id uuid not null); grant select on {s}.e to {app}; ${using(
      `(current_setting('app.user_id', true)::uuid in (select id from {s}.e)) is false and current_setting('app.user_id', true) = 'x'`,
    )}`,
    expected: { SELECT: 'refuted' },
  },
  {
    name: 'a comparison with NULL hides a cast that fails',
    context: guc,
    sql: using(
      `(null::uuid = current_setting('app.user_id', true)::uuid) is null and current_setting('app.user_id', true) = ''`,
    ),
    expected: { SELECT: 'refuted' },
  },
  {
    name: 'HAVING makes a row of no rows',
    context: guc,
    sql: `create table {s}.e (id uuid not null); grant select on {s}.e to {app}; ${using(
      'exists (select 1 from {s}.e where false having true)',
    )}`,
    expected: { SELECT: 'unknown' },
  },
  {
    name: 'a variable called found is no FOUND',
    context: guc,
    sql: `create function {s}.denies() returns boolean language plpgsql stable set search_path = '' as
      $f$ declare found boolean; begin select false into found; return not found; end $f$; ${using(
        '{s}.denies()',
      )}`,
    expected: { SELECT: 'refuted' },
  },
]
