import type { TenancyInput } from 'watertight/model'
import { expect, it } from 'vitest'
import { judgeScript } from '../../test/judge-script.js'
import type { CheckResult } from '../findings/index.js'

/** A tenant in a setting; tasks and files point to documents, files have no tenant of their own. */
const base = `
grant usage on schema public to APP;
create table public.docs (id uuid primary key default gen_random_uuid(), tenant_id uuid not null, title text, state text);
create table public.tasks (id uuid primary key default gen_random_uuid(), tenant_id uuid not null,
  doc_id uuid not null references public.docs, title text, done boolean not null default false);
create table public.files (id uuid primary key default gen_random_uuid(), doc_id uuid not null references public.docs, name text);
create table public.kinds (id int primary key, label text);
alter table public.docs enable row level security; alter table public.docs force row level security;
alter table public.tasks enable row level security; alter table public.tasks force row level security;
alter table public.files enable row level security; alter table public.files force row level security;
create policy r on public.docs for select using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy r on public.tasks for select using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select on public.docs, public.tasks, public.kinds to APP;`

const model: TenancyInput = {
  tenantKey: { column: 'tenant_id', type: 'uuid' },
  context: { kind: 'guc', tenant: 'app.tenant_id' },
  schemas: ['public'],
  tables: { 'public.kinds': { scope: 'global' } },
}

const mine = `d.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid`
const ofTask = `t.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid`
const ofUnion = `u.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid`
const view = (query: string, options = 'security_barrier'): string =>
  `create view public.shown with (${options}) as ${query}; grant select on public.shown to APP;`
const over = (query: string): string =>
  `create view public.inner_view with (security_barrier) as ${query}; grant select on public.inner_view to APP;
   ${view('select i.id from public.inner_view i join public.kinds k on k.id = 1', 'security_invoker')}`

interface Twins {
  readonly bad: string
  readonly good: string
  /** Of the view with the fault; `unknown` where the example does not show on the server. */
  readonly verdict?: 'leak' | 'unknown'
}

const cases: Readonly<Record<string, Twins>> = {
  'counts of a scalar sub-select': {
    bad: view(
      `select d.id, (select count(*) from public.tasks t where t.doc_id = d.id) as tasks from public.docs d where ${mine}`,
    ),
    good: view(
      `select d.id, (select count(*) from public.tasks t where t.doc_id = d.id and t.tenant_id = d.tenant_id) as tasks from public.docs d where ${mine}`,
    ),
  },
  'files whose tenant is that of their document': {
    bad: view(
      `select d.id, (select count(*) from public.files f) as files from public.docs d where ${mine}`,
    ),
    good: view(
      `select d.id, (select count(*) from public.files f where f.doc_id = d.id) as files from public.docs d where ${mine}`,
    ),
    verdict: 'unknown',
  },
  'the latest of a sub-select with ORDER BY and LIMIT': {
    bad: view(
      `select d.id, (select t.title from public.tasks t where t.doc_id = d.id order by t.title limit 1) as latest from public.docs d where ${mine}`,
    ),
    good: view(
      `select d.id, (select t.title from public.tasks t where t.doc_id = d.id and t.tenant_id = d.tenant_id order by t.title limit 1) as latest from public.docs d where ${mine}`,
    ),
  },
  'whether a row exists': {
    bad: view(
      `select d.id, not exists (select from public.tasks t where t.doc_id = d.id) as idle from public.docs d where ${mine}`,
    ),
    good: view(
      `select d.id, not exists (select from public.tasks t where t.doc_id = d.id and t.tenant_id = d.tenant_id) as idle from public.docs d where ${mine}`,
    ),
  },
  'an array of a sub-select': {
    bad: view(
      `select d.id, array(select t.title from public.tasks t where t.doc_id = d.id) as titles from public.docs d where ${mine}`,
    ),
    good: view(
      `select d.id, array(select t.title from public.tasks t where t.doc_id = d.id and t.tenant_id = d.tenant_id) as titles from public.docs d where ${mine}`,
    ),
  },
  'a value among those of a sub-select': {
    bad: view(
      `select d.id, d.title in (select t.title from public.tasks t) as is_task from public.docs d where ${mine}`,
    ),
    good: view(
      `select d.id, d.title in (select t.title from public.tasks t where t.tenant_id = d.tenant_id) as is_task from public.docs d where ${mine}`,
    ),
    verdict: 'unknown',
  },
  'a sub-select within a sub-select': {
    bad: view(
      `select d.id, (select json_agg(json_build_object('t', t.title, 'n', (select count(*) from public.tasks o where o.title = t.title))) from public.tasks t where t.doc_id = d.id and t.tenant_id = d.tenant_id) as tasks from public.docs d where ${mine}`,
    ),
    good: view(
      `select d.id, (select json_agg(json_build_object('t', t.title, 'n', (select count(*) from public.tasks o where o.title = t.title and o.tenant_id = t.tenant_id))) from public.tasks t where t.doc_id = d.id and t.tenant_id = d.tenant_id) as tasks from public.docs d where ${mine}`,
    ),
  },
  'a condition with EXISTS': {
    bad: view(
      `select d.id from public.docs d where exists (select from public.tasks t where t.doc_id = d.id and t.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)`,
    ),
    good: view(
      `select d.id from public.docs d where exists (select from public.tasks t where t.doc_id = d.id and t.tenant_id = d.tenant_id and t.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)`,
    ),
  },
  'a sub-select in CASE and COALESCE': {
    bad: view(
      `select d.id, case when d.state = 'open' then coalesce((select max(t.title) from public.tasks t where t.done), 'none') end as last from public.docs d where ${mine}`,
    ),
    good: view(
      `select d.id, case when d.state = 'open' then coalesce((select max(t.title) from public.tasks t where t.done and t.tenant_id = d.tenant_id), 'none') end as last from public.docs d where ${mine}`,
    ),
    verdict: 'unknown',
  },
  'a sub-select with a join within': {
    bad: view(
      `select d.id, (select string_agg(t.title || f.name, ',') from public.tasks t join public.files f on f.doc_id = t.doc_id where t.doc_id = d.id and f.doc_id = d.id) as x from public.docs d where ${mine}`,
    ),
    good: view(
      `select d.id, (select string_agg(t.title || f.name, ',') from public.tasks t join public.files f on f.doc_id = t.doc_id where t.tenant_id = d.tenant_id and f.doc_id = d.id) as x from public.docs d where ${mine}`,
    ),
    verdict: 'unknown',
  },
  'a union as an array': {
    bad: view(
      `select d.id, array(select t.title from public.tasks t where t.tenant_id = d.tenant_id union all select f.name from public.files f) as names from public.docs d where ${mine}`,
    ),
    good: view(
      `select d.id, array(select t.title from public.tasks t where t.tenant_id = d.tenant_id union all select f.name from public.files f where f.doc_id = d.id) as names from public.docs d where ${mine}`,
    ),
    verdict: 'unknown',
  },
  'grouped counts that are joined': {
    bad: view(
      `select d.id, c.n from public.docs d left join (select t.doc_id, count(*) as n from public.tasks t group by t.doc_id) c on c.doc_id = d.id where ${mine}`,
    ),
    good: view(
      `select d.id, c.n from public.docs d left join (select t.doc_id, t.tenant_id, count(*) as n from public.tasks t group by t.doc_id, t.tenant_id) c on c.doc_id = d.id and c.tenant_id = d.tenant_id where ${mine}`,
    ),
  },
  'a lateral sub-select': {
    bad: view(
      `select d.id, l.n from public.docs d cross join lateral (select count(*) as n from public.tasks t where t.doc_id = d.id) l where ${mine}`,
    ),
    good: view(
      `select d.id, l.n from public.docs d cross join lateral (select count(*) as n from public.tasks t where t.doc_id = d.id and t.tenant_id = d.tenant_id) l where ${mine}`,
    ),
    verdict: 'unknown',
  },
  'an outer join of a lateral sub-select': {
    bad: view(
      `select d.id, l.n from public.docs d left join lateral (select max(t.title) as n from public.tasks t where t.doc_id = d.id) l on true where ${mine}`,
    ),
    good: view(
      `select d.id, l.n from public.docs d left join lateral (select max(t.title) as n from public.tasks t where t.doc_id = d.id and t.tenant_id = d.tenant_id) l on true where ${mine}`,
    ),
    verdict: 'unknown',
  },
  'totals of a common table expression': {
    bad: view(
      `with totals as (select count(*) as n from public.tasks t) select d.id, totals.n from public.docs d, totals where ${mine}`,
    ),
    good: view(
      `with totals as (select count(*) as n from public.tasks d where ${mine}) select d.id, totals.n from public.docs d, totals where ${mine}`,
    ),
  },
  'totals within a sub-select in FROM': {
    bad: view(
      `select d.id, s.n from public.docs d, (select l.n from (select count(*) as n from public.tasks t) l) s where ${mine}`,
    ),
    good: view(
      `select d.id, s.n from public.docs d, (select l.n from (select count(*) as n from public.tasks d where ${mine}) l) s where ${mine}`,
    ),
  },
  'a common table expression': {
    bad: view(
      `with open as (select t.doc_id, t.title from public.tasks t where not t.done) select d.id, o.title from public.docs d join open o on o.doc_id = d.id where ${mine}`,
    ),
    good: view(
      `with open as (select t.doc_id, t.title, t.tenant_id from public.tasks t where not t.done) select d.id, o.title from public.docs d join open o on o.doc_id = d.id and o.tenant_id = d.tenant_id where ${mine}`,
    ),
  },
  'a common table expression that is named twice': {
    bad: view(
      `with x as (select t.id, t.doc_id, t.tenant_id, t.title from public.tasks t) select a.title from x a join x d on d.doc_id = a.doc_id where ${mine}`,
    ),
    good: view(
      `with x as (select t.id, t.doc_id, t.tenant_id, t.title from public.tasks t) select d.title from x d where ${mine}`,
    ),
    verdict: 'unknown',
  },
  'a common table expression that is named in FROM and in WHERE': {
    bad: view(
      `with x as (select t.id, t.doc_id, t.tenant_id, t.title from public.tasks t) select a.title from x a where exists (select from x d where d.doc_id = a.doc_id and ${mine})`,
    ),
    good: view(
      `with x as (select t.id, t.doc_id, t.tenant_id, t.title from public.tasks t) select d.title from x d where ${mine}`,
    ),
    verdict: 'unknown',
  },
  'counts alone': {
    bad: view(
      `select (select count(*) from public.docs d where ${mine}) as docs, (select count(*) from public.tasks) as tasks`,
    ),
    good: view(
      `select (select count(*) from public.docs d where ${mine}) as docs, (select count(*) from public.tasks d where ${mine}) as tasks`,
    ),
  },
  'a number of rows that a sub-select says': {
    bad: view(
      `select d.id from public.docs d where ${mine} limit (select count(*) from public.tasks)`,
    ),
    good: view(
      `select d.id from public.docs d where ${mine} limit (select count(*) from public.tasks d where ${mine})`,
    ),
    verdict: 'unknown',
  },
  'a label of a table for everybody': {
    bad: view(
      `select d.id, (select k.label from public.kinds k where k.id > 0 limit (select count(*) from public.tasks)) as label from public.docs d where ${mine}`,
    ),
    good: view(
      `select d.id, (select k.label from public.kinds k where k.label = d.state) as label from public.docs d where ${mine}`,
    ),
    verdict: 'unknown',
  },
  'a view with the rights of its reader over one with the rights of its owner': {
    bad: over(`select d.id from public.docs d where ${mine} or d.state = 'public'`),
    good: over(`select d.id from public.docs d where ${mine}`),
    verdict: 'unknown',
  },
  'sorted by a sub-select': {
    bad: view(
      `select d.id from public.docs d where ${mine} order by (select count(*) from public.tasks t where t.doc_id = d.id)`,
    ),
    good: view(
      `select d.id from public.docs d where ${mine} order by (select count(*) from public.tasks t where t.doc_id = d.id and t.tenant_id = d.tenant_id)`,
    ),
    verdict: 'unknown',
  },
  'a union in FROM': {
    bad: view(
      `select u.id, u.title from (select d.id, d.title from public.docs d where ${mine} union all select t.id, t.title from public.tasks t) u`,
    ),
    good: view(
      `select u.id, u.title from (select d.id, d.title from public.docs d where ${mine} union all select t.id, t.title from public.tasks t where ${ofTask}) u`,
    ),
  },
  'a union whose tenant is asked for around it': {
    bad: view(
      `select u.id from (select d.id, d.tenant_id from public.docs d union select t.doc_id, d.tenant_id from public.tasks t join public.docs d on d.title = t.title) u where ${ofUnion}`,
    ),
    good: view(
      `select u.id from (select d.id, d.tenant_id from public.docs d union select t.doc_id as x, t.tenant_id as y from public.tasks t) u where ${ofUnion}`,
    ),
  },
  'a union of three, of which one has its columns in another order': {
    bad: view(
      `select u.id from (select d.id, d.tenant_id from public.docs d union all select t.id, t.tenant_id from public.tasks t union all select t.tenant_id, t.id from public.tasks t) u where ${ofUnion}`,
    ),
    good: view(
      `select u.id from (select d.id, d.tenant_id from public.docs d union all select t.id, t.tenant_id from public.tasks t union all select t.doc_id, t.tenant_id from public.tasks t) u where ${ofUnion}`,
    ),
    verdict: 'unknown',
  },
  'a union as a common table expression': {
    bad: view(
      `with u as (select d.id, d.tenant_id from public.docs d union all select t.id, null from public.tasks t) select u.id from u where ${ofUnion} or u.tenant_id is null`,
    ),
    good: view(
      `with u as (select d.id, d.tenant_id from public.docs d union all select t.id, t.tenant_id from public.tasks t) select u.id from u where ${ofUnion}`,
    ),
  },
  'a union as a common table expression that is named twice': {
    bad: view(
      `with u as (select d.id, d.tenant_id from public.docs d union all select t.doc_id, t.tenant_id from public.tasks t) select o.id from u join u o on o.id = u.id where ${ofUnion}`,
    ),
    good: view(
      `with u as (select d.id, d.tenant_id from public.docs d union all select t.doc_id, t.tenant_id from public.tasks t) select u.id from u where ${ofUnion}`,
    ),
    verdict: 'unknown',
  },
  'rows joined to a union': {
    bad: view(
      `select d.id, u.title from public.docs d left join (select t.doc_id, t.title from public.tasks t where t.done union all select f.doc_id, f.name from public.files f) u on u.doc_id = d.id where ${mine}`,
    ),
    good: view(
      `select d.id, u.title from public.docs d left join (select t.doc_id, t.title, t.tenant_id from public.tasks t where t.done union all select f.doc_id, f.name, o.tenant_id from public.files f join public.docs o on o.id = f.doc_id) u on u.doc_id = d.id and u.tenant_id = d.tenant_id where ${mine}`,
    ),
  },
  'a count over a union': {
    bad: view(
      `select d.id, (select count(*) from (select t.id, t.tenant_id from public.tasks t union all select f.id, null from public.files f) u) as n from public.docs d where ${mine}`,
    ),
    good: view(
      `select d.id, (select count(*) from (select t.id, t.tenant_id from public.tasks t union all select o.id, o.tenant_id from public.docs o) u where u.tenant_id = d.tenant_id) as n from public.docs d where ${mine}`,
    ),
  },
  'rows without those of another table': {
    bad: view(
      `select u.id from (select d.id from public.docs d where ${mine} except select t.doc_id from public.tasks t) u`,
    ),
    good: view(
      `select u.id from (select d.id from public.docs d where ${mine} except select t.doc_id from public.tasks t where ${ofTask}) u`,
    ),
    verdict: 'unknown',
  },
  'a union whose number of rows a sub-select says': {
    bad: view(
      `select d.id from public.docs d where ${mine} union all select t.id from public.tasks t where ${ofTask} limit (select count(*) from public.tasks)`,
    ),
    good: view(
      `select d.id from public.docs d where ${mine} union all select t.id from public.tasks t where ${ofTask} limit 10`,
    ),
    verdict: 'unknown',
  },
  'a union in FROM whose number of rows a sub-select says': {
    bad: view(
      `select u.id from (select d.id from public.docs d where ${mine} union all select t.id from public.tasks t where ${ofTask} limit (select count(*) from public.tasks)) u`,
    ),
    good: view(
      `select u.id from (select d.id from public.docs d where ${mine} union all select t.id from public.tasks t where ${ofTask} limit 10) u`,
    ),
    verdict: 'unknown',
  },
  'a sub-select in FROM whose number of rows another says': {
    bad: view(
      `select s.id from (select d.id from public.docs d where ${mine} limit (select count(*) from public.tasks)) s`,
    ),
    good: view(`select s.id from (select d.id from public.docs d where ${mine} limit 10) s`),
    verdict: 'unknown',
  },
}

const verdictsOf = ({ coverage }: CheckResult): string[] =>
  coverage.flatMap(({ object, verdict }) => (object === 'public.shown' ? [verdict] : []))

it.each(Object.keys(cases))('tells what a view shows of other tenants: %s', async (name) => {
  const pair = cases[name]
  if (pair === undefined) throw new Error('no such twins')
  const [bad, good] = [
    await judgeScript(`${base} ${pair.bad}`, model),
    await judgeScript(`${base} ${pair.good}`, model),
  ]
  expect(verdictsOf(good)).toEqual(['proven'])
  expect(good.findings.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(verdictsOf(bad)).toEqual([pair.verdict ?? 'leak'])
})
