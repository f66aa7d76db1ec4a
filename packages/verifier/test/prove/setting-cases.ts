import { claims, everything, guc, jwt, tableWith, tenant, user, using } from './policy-case.js'
import type { PolicyCase } from './policy-case.js'

const proven = everything('proven')
const refuted = everything('refuted')
const unknown = everything('unknown')
const own = `tenant_id = ${tenant}`

function plain(
  name: string,
  condition: string,
  expected: PolicyCase['expected'],
  columns?: string,
): PolicyCase {
  return { name, context: guc, sql: using(condition, columns), expected }
}

/** Policies that compare with a setting or a claim. */
export const settingCases: readonly PolicyCase[] = [
  plain('equality with the setting', own, proven),
  plain('equality the other way round', `${tenant} = tenant_id`, proven),
  plain(
    'a cast that fails on the empty text',
    `tenant_id = current_setting('app.tenant_id', true)::uuid`,
    proven,
  ),
  plain('a setting that must be set', `tenant_id = current_setting('app.tenant_id')::uuid`, proven),
  plain('the column as text', `tenant_id::text = current_setting('app.tenant_id', true)`, proven),
  plain('the setting read once', `tenant_id = (select ${tenant})`, proven),
  plain(
    'a setting name in capitals',
    `tenant_id = current_setting('APP.TENANT_ID', true)::uuid`,
    proven,
  ),
  plain('more conditions', `${own} and state = 'open' and body like 'x%'`, proven),
  plain('a list with one element', `tenant_id in (${tenant})`, proven),
  plain('any of an array', `tenant_id = any (array[${tenant}])`, proven),
  plain(
    'neither below nor above',
    `tenant_id is not distinct from ${tenant} and ${tenant} is not null`,
    proven,
  ),
  plain('the negated inequality', `not (tenant_id <> ${tenant})`, proven),
  plain('an impossible COALESCE', `tenant_id = coalesce(${tenant}, null)`, proven),
  plain(
    'CASE that denies without context',
    `case when ${tenant} is null then false else ${own} end`,
    proven,
  ),
  plain('nobody', 'false', proven),
  plain(
    'a text tenant',
    `tenant_id = current_setting('app.tenant_id', true)`,
    proven,
    'tenant_id text not null',
  ),
  plain(
    'a varchar tenant',
    `tenant_id::text = current_setting('app.tenant_id', true)`,
    proven,
    'tenant_id varchar(40) not null',
  ),
  plain(
    'a bigint tenant',
    `tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint`,
    proven,
    'tenant_id bigint not null',
  ),
  plain(
    'an int tenant and a bigint setting',
    `tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint`,
    proven,
    'tenant_id int not null',
  ),
  plain(
    'a range of one number',
    `tenant_id between current_setting('app.tenant_id', true)::bigint and current_setting('app.tenant_id', true)::bigint`,
    proven,
    'tenant_id bigint not null',
  ),
  plain('an own row that is recent', `${own} and at > now() - interval '1 day'`, proven),
  plain('a nullable tenant under equality', own, proven, 'tenant_id uuid'),

  plain('everybody', 'true', refuted),
  plain('the own user only', `id = ${user}`, refuted),
  plain('OR a state', `${own} or state = 'shared'`, refuted),
  plain('AND binds tighter than OR', `${own} and state = 'open' or state = 'shared'`, refuted),
  plain('OR a bypass setting', `${own} or current_setting('app.bypass', true) = 'on'`, refuted),
  plain('open without a context', `${own} or ${tenant} is null`, refuted),
  plain('COALESCE to the row itself', `tenant_id = coalesce(${tenant}, tenant_id)`, refuted),
  plain(
    'COALESCE to a real tenant',
    `tenant_id = coalesce(${tenant}, '11111111-1111-4111-8111-111111111111')`,
    refuted,
  ),
  plain(
    'another setting',
    `tenant_id = nullif(current_setting('app.tenant', true), '')::uuid`,
    refuted,
  ),
  plain(
    'IS NOT DISTINCT FROM with nullable tenants',
    `tenant_id is not distinct from ${tenant}`,
    refuted,
    'tenant_id uuid',
  ),
  plain('an inequality that is not true', `(tenant_id <> ${tenant}) is not true`, refuted),
  plain('OR the tenant is null', `${own} or tenant_id is null`, refuted, 'tenant_id uuid'),
  plain('compared with itself', 'tenant_id = tenant_id', refuted),
  plain(
    'at least',
    `tenant_id >= nullif(current_setting('app.tenant_id', true), '')::bigint`,
    refuted,
    'tenant_id bigint not null',
  ),
  plain('CASE with an open branch', `case when state = 'x' then true else ${own} end`, refuted),
  plain('a missing context reads as everybody', `coalesce(tenant_id = ${tenant}, true)`, refuted),
  plain(
    'a range that is wider',
    `tenant_id between current_setting('app.tenant_id', true)::bigint and current_setting('app.tenant_id', true)::bigint + 1`,
    refuted,
    'tenant_id bigint not null',
  ),

  plain(
    'LIKE a prefix',
    `tenant_id like current_setting('app.tenant_id', true) || '%'`,
    unknown,
    'tenant_id text not null',
  ),
  plain(
    'without case',
    `lower(tenant_id) = lower(current_setting('app.tenant_id', true))`,
    unknown,
    'tenant_id text not null',
  ),
  plain(
    'cut to four characters',
    `tenant_id::varchar(4) = current_setting('app.tenant_id', true)::varchar(4)`,
    unknown,
    'tenant_id text not null',
  ),
  plain(
    'a padded type',
    `tenant_id = current_setting('app.tenant_id', true)`,
    unknown,
    'tenant_id char(8) not null',
  ),
  plain(
    'rounded numbers',
    `tenant_id::numeric::int = current_setting('app.tenant_id', true)::numeric::int`,
    unknown,
    'tenant_id bigint not null',
  ),
  plain(
    'a numeric tenant',
    `tenant_id = current_setting('app.tenant_id', true)::numeric`,
    unknown,
    'tenant_id numeric not null',
  ),
  plain(
    'names of 63 bytes',
    `tenant_id::name = current_setting('app.tenant_id', true)::name`,
    unknown,
    'tenant_id text not null',
  ),
  plain('a regular expression', `body ~ current_setting('app.tenant_id', true)`, unknown),
  plain(
    'a setting that the policy itself sets',
    `${own} and set_config('app.tenant_id', state, true) is not null`,
    unknown,
  ),
  plain(
    'a division that fails on some rows',
    `${own} and 1 / (length(body) - 3) is not null`,
    unknown,
  ),
  plain('stored text read as a key', `${own} and body::uuid is not null`, unknown),
  plain('a random number', `${own} or random() < 0.5`, unknown),

  {
    name: 'a setting default makes everybody a tenant',
    context: { kind: 'guc', tenant: 'app.standing' },
    sql: `${using(`tenant_id = nullif(current_setting('app.standing', true), '')::uuid`)} alter role {app} set app.standing = 'a';`,
    expected: unknown,
  },
  {
    name: 'Row Level Security off',
    context: guc,
    sql: `${using(own)} alter table {s}.t disable row level security;`,
    expected: refuted,
  },
  { name: 'no policy', context: guc, sql: tableWith(''), expected: proven },
  {
    name: 'policies for another role',
    context: guc,
    sql: tableWith('create policy p on {s}.t to {owner} using (true)'),
    expected: proven,
  },
  {
    name: 'a policy of an inherited role',
    context: guc,
    sql: `${using(own)} create role {app}_team; grant {app}_team to {app}; create policy team on {s}.t for select to {app}_team using (true);`,
    expected: { SELECT: 'refuted', INSERT: 'proven' },
  },
  {
    name: 'a policy for PUBLIC',
    context: guc,
    sql: `${using(own)} create policy q on {s}.t for select using (true);`,
    expected: { SELECT: 'refuted', INSERT: 'proven', UPDATE: 'proven', DELETE: 'proven' },
  },
  {
    name: 'a second WITH CHECK',
    context: guc,
    sql: `${using(own)} create policy q on {s}.t for insert to {app} with check (body is not null);`,
    expected: { SELECT: 'proven', INSERT: 'refuted', UPDATE: 'proven' },
  },
  {
    name: 'UPDATE open though SELECT is tight',
    context: guc,
    sql: tableWith(
      `create policy a on {s}.t for select to {app} using (${own}); create policy b on {s}.t for update to {app} using (true) with check (${own})`,
    ),
    expected: { SELECT: 'proven', UPDATE: 'refuted', INSERT: 'proven', DELETE: 'proven' },
  },
  {
    name: 'UPDATE open where INSERT is tight, and may overwrite on a conflict',
    context: guc,
    sql: tableWith(
      `create policy a on {s}.t for insert to {app} with check (${own}); create policy b on {s}.t for update to {app} using (true) with check (${own})`,
    ),
    expected: { UPDATE: 'refuted', INSERT: 'unknown' },
  },
  {
    name: 'the row hop',
    context: guc,
    sql: tableWith(`create policy b on {s}.t for update to {app} using (${own}) with check (true)`),
    expected: { UPDATE: 'refuted' },
  },
  {
    name: 'UPDATE without WITH CHECK',
    context: guc,
    sql: tableWith(`create policy b on {s}.t for update to {app} using (${own})`),
    expected: { UPDATE: 'proven' },
  },
  {
    name: 'DELETE open',
    context: guc,
    sql: tableWith(`create policy b on {s}.t for delete to {app} using (true)`),
    expected: { DELETE: 'refuted' },
  },
  {
    name: 'the tenant may not be assigned',
    context: guc,
    sql: tableWith(
      `revoke update on {s}.t from {app}; grant update (body) on {s}.t to {app}; create policy b on {s}.t for update to {app} using (${own}) with check (true)`,
    ),
    expected: { UPDATE: 'proven' },
  },
  {
    name: 'true under a restrictive guard',
    context: guc,
    sql: tableWith(
      `create policy a on {s}.t to {app} using (true); create policy g on {s}.t as restrictive to {app} using (${own})`,
    ),
    expected: proven,
  },
  {
    name: 'a guard for another role',
    context: guc,
    sql: tableWith(
      `create policy a on {s}.t to {app} using (true); create policy g on {s}.t as restrictive to {owner} using (${own})`,
    ),
    expected: refuted,
  },
  {
    name: 'a guard that was made permissive',
    context: guc,
    sql: tableWith(
      `create policy a on {s}.t to {app} using (${own}); create policy g on {s}.t to {app} using (state <> 'draft')`,
    ),
    expected: refuted,
  },
  {
    name: 'only a restrictive policy',
    context: guc,
    sql: tableWith(`create policy g on {s}.t as restrictive to {app} using (true)`),
    expected: proven,
  },
  {
    name: 'the app role owns the table',
    context: guc,
    sql: `${using(own)} alter table {s}.t owner to {app};`,
    expected: unknown,
  },
  {
    name: 'a rule',
    context: guc,
    sql: `${using(own)} create table {s}.log (id uuid); create rule r as on insert to {s}.t do also insert into {s}.log values (new.id);`,
    expected: unknown,
  },

  {
    name: 'a claim',
    context: jwt,
    sql: using(`tenant_id = (${claims} -> 'app_metadata' ->> 'org')::uuid`),
    expected: proven,
  },
  {
    name: 'a claim by path',
    context: jwt,
    sql: using(`tenant_id = (${claims} #>> '{app_metadata,org}')::uuid`),
    expected: proven,
  },
  {
    name: 'a claim of json',
    context: jwt,
    sql: using(
      `tenant_id::text = current_setting('request.jwt.claims', true)::json -> 'app_metadata' ->> 'org'`,
    ),
    expected: proven,
  },
  {
    name: 'a claim that the user controls',
    context: jwt,
    sql: using(`tenant_id = (${claims} -> 'user_metadata' ->> 'org')::uuid`),
    expected: refuted,
  },
  {
    name: 'a claim of the same name elsewhere',
    context: jwt,
    sql: using(`tenant_id = (${claims} ->> 'org')::uuid`),
    expected: refuted,
  },
  {
    name: 'COALESCE of claims',
    context: jwt,
    sql: using(
      `tenant_id = coalesce(${claims} -> 'user_metadata' ->> 'org', ${claims} -> 'app_metadata' ->> 'org')::uuid`,
    ),
    expected: refuted,
  },
  {
    name: 'OR the role claim',
    context: jwt,
    sql: using(
      `tenant_id = (${claims} -> 'app_metadata' ->> 'org')::uuid or ${claims} ->> 'role' = 'admin'`,
    ),
    expected: refuted,
  },
]
