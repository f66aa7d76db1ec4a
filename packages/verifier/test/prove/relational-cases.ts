import {
  claims,
  everything,
  guc,
  jwt,
  members,
  tableWith,
  tenant,
  user,
  using,
} from './policy-case.js'
import type { PolicyCase } from './policy-case.js'

const proven = everything('proven')
const refuted = everything('refuted')
const unknown = everything('unknown')
const own = `tenant_id = ${tenant}`

const memberships = `create table {s}.w (tenant_id uuid primary key);
  grant select on {s}.w to {app};
  create table {s}.memberships (tenant_id uuid not null, user_id uuid not null, role text, primary key (tenant_id, user_id));
  alter table {s}.memberships enable row level security; alter table {s}.memberships force row level security;
  grant select on {s}.memberships to {app};
  create policy mine on {s}.memberships for select to {app} using (user_id = ${user});`

const mine = `select m.tenant_id from {s}.memberships m where m.user_id = ${user}`

function member(
  name: string,
  condition: string,
  expected: PolicyCase['expected'],
  more: string = '',
): PolicyCase {
  return { name, context: members, sql: `${memberships} ${using(condition)} ${more}`, expected }
}

function helper(
  name: string,
  definition: string,
  condition: string,
  expected: PolicyCase['expected'],
): PolicyCase {
  return { name, context: guc, sql: `${definition}; ${using(condition)}`, expected }
}

const parent = `create table {s}.p (id int primary key, tenant_id uuid not null, open boolean not null default false);
  alter table {s}.p enable row level security; alter table {s}.p force row level security;
  grant select on {s}.p to {app}; create policy p on {s}.p for select to {app} using (${own});`

/** A table without tenant column whose rows belong to that of `p`. */
function child(
  name: string,
  condition: string,
  expected: PolicyCase['expected'],
  key: string = 'p_id int not null references {s}.p (id)',
): PolicyCase {
  const sql = `${parent} create table {s}.t (id int primary key, ${key}, note text);
    alter table {s}.t enable row level security; alter table {s}.t force row level security;
    grant select, insert, update, delete on {s}.t to {app};
    create policy c on {s}.t to {app} using (${condition});`
  return { name, context: guc, sql, expected }
}

const fn = (body: string, options: string, returns: string = 'uuid'): string =>
  `create function {s}.cur() returns ${returns} language sql ${options} as $f$ ${body} $f$`
const pl = (body: string, options: string = 'stable', returns: string = 'uuid'): string =>
  `create function {s}.cur() returns ${returns} language plpgsql ${options} as $f$ ${body} $f$`

/** Policies that read other tables, and those that call functions. */
export const relationalCases: readonly PolicyCase[] = [
  member('IN the memberships of the user', `tenant_id in (${mine})`, proven),
  member('= ANY of the memberships', `tenant_id = any (${mine})`, proven),
  member('= ANY of an array of memberships', `tenant_id = any (array(${mine}))`, proven),
  member(
    'EXISTS a membership',
    `exists (select 1 from {s}.memberships m where m.user_id = ${user} and m.tenant_id = t.tenant_id)`,
    proven,
  ),
  member(
    'EXISTS a membership with a role',
    `exists (select 1 from {s}.memberships m where m.user_id = ${user} and m.tenant_id = t.tenant_id and m.role = 'admin')`,
    proven,
  ),
  member(
    'a membership by the policies of its table alone',
    'tenant_id in (select tenant_id from {s}.memberships)',
    proven,
  ),
  member(
    'a join to the memberships',
    `exists (select 1 from {s}.w w join {s}.memberships m on m.tenant_id = w.tenant_id where m.user_id = ${user} and w.tenant_id = t.tenant_id)`,
    proven,
  ),
  member(
    'a common table of memberships',
    `tenant_id in (with mine as (${mine}) select mine.tenant_id from mine)`,
    proven,
  ),
  member(
    'a sub-select of memberships',
    `tenant_id in (select x.tenant_id from (${mine}) x)`,
    proven,
  ),
  member(
    'a union of memberships',
    `tenant_id in (${mine} and m.role = 'a' union ${mine} and m.role = 'b')`,
    proven,
  ),
  member(
    'the column of the inner table captures',
    `exists (select 1 from {s}.memberships where user_id = ${user} and memberships.tenant_id = tenant_id)`,
    refuted,
  ),
  member(
    'a membership of any tenant',
    `exists (select 1 from {s}.memberships m where m.user_id = ${user})`,
    refuted,
  ),
  member(
    'the tenant compared with itself',
    `exists (select 1 from {s}.memberships m where m.user_id = ${user} and m.tenant_id = m.tenant_id)`,
    refuted,
  ),
  member(
    'a membership of anybody',
    `exists (select 1 from {s}.memberships m where m.tenant_id = t.tenant_id)`,
    refuted,
    `create policy all_of_them on {s}.memberships for select to {app} using (true);`,
  ),
  member(
    'no membership that says no',
    `not exists (select 1 from {s}.memberships m where m.user_id = ${user} and m.role = 'out')`,
    unknown,
  ),
  member('OR a flag', `tenant_id in (${mine}) or state = 'shared'`, refuted),
  member(
    'users grant themselves memberships',
    `tenant_id in (${mine})`,
    unknown,
    `grant insert on {s}.memberships to {app}; create policy join_self on {s}.memberships for insert to {app} with check (user_id = ${user});`,
  ),
  member(
    'memberships may be moved',
    `tenant_id in (${mine})`,
    unknown,
    `grant update on {s}.memberships to {app}; create policy move on {s}.memberships for update to {app} using (user_id = ${user});`,
  ),
  member(
    'members leave',
    `tenant_id in (${mine})`,
    proven,
    `grant delete on {s}.memberships to {app}; create policy leave on {s}.memberships for delete to {app} using (user_id = ${user});`,
  ),
  member(
    'members add others to their own tenant',
    `tenant_id in (${mine})`,
    proven,
    `grant insert on {s}.memberships to {app}; create policy add on {s}.memberships for insert to {app} with check (tenant_id in (${mine}));`,
  ),
  {
    name: 'memberships without a condition that the model requires',
    context: {
      ...members,
      via: {
        table: '{s}.memberships',
        user: 'user_id',
        tenant: 'tenant_id',
        where: `role = 'active'`,
      },
    } as PolicyCase['context'],
    sql: `${memberships} ${using(`tenant_id in (${mine})`)}`,
    expected: refuted,
  },
  {
    name: 'memberships with the condition that the model requires',
    context: {
      ...members,
      via: {
        table: '{s}.memberships',
        user: 'user_id',
        tenant: 'tenant_id',
        where: `role = 'active'`,
      },
    } as PolicyCase['context'],
    sql: `${memberships} ${using(`tenant_id in (${mine} and m.role = 'active')`)}`,
    expected: proven,
  },

  child(
    'children through a visible parent',
    'exists (select 1 from {s}.p where p.id = t.p_id)',
    proven,
  ),
  child(
    'children of parents by name',
    `exists (select 1 from {s}.p q where q.id = t.p_id and q.tenant_id = ${tenant})`,
    proven,
  ),
  child('children IN visible parents', 'p_id in (select id from {s}.p)', proven),
  child('children of any visible parent', 'exists (select 1 from {s}.p)', refuted),
  child(
    'children compared with the wrong key',
    'exists (select 1 from {s}.p where p.id = t.id)',
    refuted,
  ),
  child('children open', 'true', refuted),
  child(
    'children by a deferrable key',
    'exists (select 1 from {s}.p where p.id = t.p_id)',
    unknown,
    'p_id int not null references {s}.p (id) deferrable',
  ),

  helper('a STABLE helper', fn(`select ${tenant}`, 'stable'), `tenant_id = {s}.cur()`, proven),
  helper(
    'a STABLE helper read once',
    fn(`select ${tenant}`, 'stable'),
    `tenant_id = (select {s}.cur())`,
    proven,
  ),
  helper(
    'a helper in the standard form',
    `create function {s}.cur() returns uuid stable return ${tenant}`,
    `tenant_id = {s}.cur()`,
    proven,
  ),
  helper(
    'a SECURITY DEFINER helper with a path',
    fn(`select ${tenant}`, `stable security definer set search_path = ''`),
    `tenant_id = {s}.cur()`,
    proven,
  ),
  helper(
    'a helper that tests',
    `create function {s}.cur(x uuid) returns boolean language sql stable as $f$ select x = ${tenant} $f$`,
    `{s}.cur(tenant_id)`,
    proven,
  ),
  helper(
    'a helper by position',
    `create function {s}.cur(uuid) returns boolean language sql stable as $f$ select $1 = ${tenant} $f$`,
    `{s}.cur(tenant_id)`,
    proven,
  ),
  helper(
    'a helper that calls a helper',
    `${fn(`select nullif(current_setting('app.tenant_id', true), '')`, 'stable', 'text')}; create function {s}.deep() returns uuid language sql stable as $f$ select {s}.cur()::uuid $f$`,
    `tenant_id = {s}.deep()`,
    proven,
  ),
  helper('a PL/pgSQL helper', pl(`begin return ${tenant}; end`), `tenant_id = {s}.cur()`, proven),
  helper(
    'a PL/pgSQL helper with a variable',
    pl(
      `declare v text := current_setting('app.tenant_id', true); begin if v is null or v = '' then return null; end if; return v::uuid; end`,
    ),
    `tenant_id = {s}.cur()`,
    proven,
  ),
  helper(
    'a PL/pgSQL helper that raises',
    pl(
      `begin if coalesce(current_setting('app.tenant_id', true), '') = '' then raise exception 'no tenant'; end if; return current_setting('app.tenant_id')::uuid; end`,
    ),
    `tenant_id = {s}.cur()`,
    proven,
  ),
  helper(
    'a helper for another setting',
    fn(`select nullif(current_setting('app.other', true), '')::uuid`, 'stable'),
    `tenant_id = {s}.cur()`,
    refuted,
  ),
  helper(
    'a helper that admits all',
    `create function {s}.cur(x uuid) returns boolean language sql stable as $f$ select x = ${tenant} or current_setting('app.admin', true) = 'on' $f$`,
    `{s}.cur(tenant_id)`,
    refuted,
  ),
  helper(
    'a PL/pgSQL helper with an open branch',
    pl(
      `begin if current_setting('app.admin', true) = 'on' then return true; end if; return false; end`,
      'stable',
      'boolean',
    ),
    `tenant_id = ${tenant} or {s}.cur()`,
    refuted,
  ),
  helper(
    'an IMMUTABLE helper',
    fn(`select ${tenant}`, 'immutable'),
    `tenant_id = {s}.cur()`,
    unknown,
  ),
  helper('a VOLATILE helper', fn(`select ${tenant}`, 'volatile'), `tenant_id = {s}.cur()`, proven),
  helper(
    'a loop',
    pl(`declare v uuid; begin for i in 1..2 loop v := ${tenant}; end loop; return v; end`),
    `tenant_id = {s}.cur()`,
    unknown,
  ),
  helper(
    'dynamic SQL',
    pl(`declare v uuid; begin execute 'select 1' into v; return v; end`),
    `tenant_id = {s}.cur()`,
    unknown,
  ),
  helper(
    'a helper that sets the context',
    pl(
      `begin perform set_config('app.tenant_id', 'x', true); return true; end`,
      'stable',
      'boolean',
    ),
    `tenant_id = ${tenant} and {s}.cur()`,
    unknown,
  ),
  helper(
    'a helper that sets a parameter',
    fn(`select ${tenant}`, `stable set app.tenant_id = ''`),
    `tenant_id = {s}.cur()`,
    unknown,
  ),
  helper(
    'a helper whose tables the caller chooses',
    `create table {s}.me (tenant_id uuid); create function {s}.cur() returns uuid language plpgsql stable security definer as $f$ begin return (select tenant_id from me limit 1); end $f$`,
    `tenant_id = {s}.cur()`,
    unknown,
  ),
  helper(
    'a helper on a path that the app role may write',
    `grant create on schema {s} to {app}; ${fn(`select ${tenant}`, `stable set search_path = {s}`)}`,
    `tenant_id = {s}.cur()`,
    unknown,
  ),
  {
    name: 'a SECURITY DEFINER helper that tests a membership',
    context: members,
    sql: `${memberships} alter table {s}.memberships no force row level security; create function {s}.in_tenant(x uuid) returns boolean language sql stable security definer set search_path = '' as $f$ select exists (select 1 from {s}.memberships m where m.tenant_id = x and m.user_id = ${user}) $f$; ${using('{s}.in_tenant(tenant_id)')}`,
    expected: proven,
  },
  {
    name: 'a SECURITY DEFINER helper that lists memberships',
    context: members,
    sql: `${memberships} create function {s}.mine() returns setof uuid language sql stable security definer set search_path = '' as $f$ ${mine} $f$; ${using('tenant_id in (select {s}.mine())')}`,
    expected: proven,
  },
  {
    name: 'a SECURITY DEFINER helper that lists all memberships',
    context: members,
    sql: `${memberships} create function {s}.mine() returns setof uuid language sql stable security definer set search_path = '' as $f$ select m.tenant_id from {s}.memberships m $f$; ${using('tenant_id in (select {s}.mine())')}`,
    expected: refuted,
  },
  {
    name: 'claims through functions',
    context: jwt,
    sql: `create function {s}.jwt() returns jsonb language sql stable as $f$ select ${claims} $f$; ${using(`tenant_id = ((select {s}.jwt()) -> 'app_metadata' ->> 'org')::uuid`)}`,
    expected: proven,
  },
  {
    name: 'a tenant from the own profile',
    context: jwt,
    sql: `create table {s}.profiles (id uuid primary key, tenant_id uuid not null); create function {s}.org() returns uuid language sql stable security definer set search_path = '' as $f$ select tenant_id from {s}.profiles where id = (${claims} ->> 'sub')::uuid $f$; ${using('tenant_id = (select {s}.org())')}`,
    expected: refuted,
  },
  {
    name: 'another role that is open',
    context: guc,
    sql: `${tableWith(`create policy p on {s}.t to {app} using (${own})`)} create role {app}_ops; grant usage on schema {s} to {app}_ops; grant select on {s}.t to {app}_ops; create policy ops on {s}.t for select to {app}_ops using (true);`,
    expected: { SELECT: 'unknown', INSERT: 'proven', UPDATE: 'proven', DELETE: 'proven' },
  },
  {
    name: 'a foreign key that removes rows of other tenants',
    context: guc,
    sql: `${using(own)} create table {s}.k (id int primary key, tenant_id uuid not null, t_id uuid references {s}.t (id) on delete cascade);`,
    expected: { SELECT: 'proven', INSERT: 'proven', DELETE: 'unknown' },
  },
  {
    name: 'a LEAKPROOF function of the database',
    context: guc,
    sql: `${using(own)} create function {s}.peek(text) returns boolean language plpgsql leakproof as $f$ begin raise notice '%', $1; return true; end $f$; revoke execute on function {s}.peek from public; grant execute on function {s}.peek to {app};`,
    expected: { SELECT: 'unknown' },
  },
]
