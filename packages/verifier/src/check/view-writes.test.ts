import type { TenancyInput } from 'watertight/model'
import { expect, it } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import { judgeScript } from '../../test/judge-script.js'

/** Documents that the application reaches through a view alone. */
const base = `
grant usage on schema public to APP;
create table public.docs (id uuid primary key default gen_random_uuid(), tenant_id uuid not null, title text, state text not null default 'draft');
create table public.locks (doc_id uuid, tenant_id uuid not null, note text);
alter table public.docs enable row level security; alter table public.locks enable row level security;`

const model: TenancyInput = {
  tenantKey: { column: 'tenant_id', type: 'uuid' },
  context: { kind: 'guc', tenant: 'app.tenant_id' },
  schemas: ['public'],
}

const mine = `tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid`
const checked = 'with check option'
const all = 'id, tenant_id, title, state'

interface View {
  readonly columns?: string
  readonly from?: string
  readonly where?: string
  readonly options?: string
  readonly check?: string
  readonly grant?: string
  readonly more?: string
}

function view(parts: View): string {
  const { columns = all, from = 'public.docs', where = mine, options = 'security_barrier' } = parts
  const { check: option = checked, grant = 'select, insert', more = '' } = parts
  return `create view public.my_docs with (${options}) as select ${columns} from ${from} where ${where} ${option}; ${more}
    grant ${grant} on public.my_docs to APP;`
}

type Verdicts = Readonly<Record<string, string>>

const cases: Readonly<Record<string, readonly [View, Verdicts]>> = {
  'INSERT that the check option holds to the tenant': [{}, { SELECT: 'proven', INSERT: 'proven' }],
  'INSERT without a check option': [{ check: '' }, { SELECT: 'proven', INSERT: 'leak' }],
  'INSERT that a check option for half of the rows holds to the tenant': [
    { where: `${mine} or state = 'shared'` },
    { SELECT: 'leak', INSERT: 'unknown' },
  ],
  'INSERT under a check option that asks something else': [
    { where: `state = 'draft'` },
    { SELECT: 'leak', INSERT: 'leak' },
  ],
  'UPDATE that the check option holds to the tenant': [
    { grant: 'select, update' },
    { SELECT: 'proven', UPDATE: 'proven' },
  ],
  'UPDATE that may give rows away': [
    { grant: 'select, update', check: '' },
    { SELECT: 'proven', UPDATE: 'leak' },
  ],
  'UPDATE of columns among which the tenant is not': [
    { grant: 'select, update (title)', check: '' },
    { SELECT: 'proven', UPDATE: 'proven' },
  ],
  'UPDATE through a view that does not show the tenant': [
    { columns: 'id, title', grant: 'select, update', check: '' },
    { SELECT: 'proven', UPDATE: 'proven' },
  ],
  'UPDATE of a column that is the tenant under another name': [
    { columns: 'id, tenant_id as title', grant: 'select, update (title)', check: '' },
    { SELECT: 'proven', UPDATE: 'unknown' },
  ],
  'UPDATE past a trigger that may change the tenant': [
    {
      grant: 'select, update (title)',
      check: '',
      more: `create function public.move() returns trigger language plpgsql as $$ begin new.tenant_id := gen_random_uuid(); return new; end $$;
        create trigger move before update on public.docs for each row execute function public.move();`,
    },
    { SELECT: 'proven', UPDATE: 'unknown' },
  ],
  'DELETE of the tenant’s rows': [
    { grant: 'select, delete', check: '' },
    { SELECT: 'proven', DELETE: 'proven' },
  ],
  'DELETE of rows that everybody may see': [
    { grant: 'select, delete', check: '', where: `${mine} or state = 'shared'` },
    { SELECT: 'leak', DELETE: 'unknown' },
  ],
  'DELETE through a view that is no barrier': [
    { grant: 'delete', check: '', options: 'security_barrier = false' },
    { DELETE: 'unknown', SELECT: 'not-applicable' },
  ],
  'INSERT and UPDATE, which together reach hidden rows by their keys': [
    { grant: 'select, insert, update' },
    { SELECT: 'proven', INSERT: 'unknown', UPDATE: 'proven' },
  ],
  'INSERT and UPDATE where no key tells rows apart': [
    { columns: 'doc_id, tenant_id, note', from: 'public.locks', grant: 'select, insert, update' },
    { SELECT: 'proven', INSERT: 'proven', UPDATE: 'proven' },
  ],
  'writes that PostgreSQL refuses': [
    { columns: 'distinct state', grant: 'select, insert, update, delete', check: '' },
    { SELECT: 'proven', INSERT: 'proven', UPDATE: 'proven', DELETE: 'proven' },
  ],
  'writes that a trigger takes over': [
    {
      columns: 'distinct tenant_id, title',
      grant: 'select, insert',
      check: '',
      more: `create function public.take() returns trigger language plpgsql security definer set search_path = '' as $$
          begin insert into public.docs (tenant_id, title) values (new.tenant_id, new.title); return new; end $$;
        create trigger take instead of insert on public.my_docs for each row execute function public.take();`,
    },
    { SELECT: 'proven', INSERT: 'leak' },
  ],
}

it.each(Object.keys(cases))('tells what is written through a view: %s', async (name) => {
  const [parts, wanted] = cases[name] ?? [{}, {}]
  const { coverage } = await judgeScript(`${base} ${view(parts)}`, model)
  const cells = coverage.filter(({ object }) => object === 'public.my_docs')
  const verdicts = Object.fromEntries(cells.map(({ command, verdict }) => [command, verdict]))
  expect(verdicts).toEqual(wanted)
})

it('shows on the server that INSERT with UPDATE takes a hidden row of another tenant', async () => {
  const database = await createTestDatabase()
  try {
    const app = `${database.rolePrefix}_app`
    const text = `${base} ${view({ grant: 'select, insert, update' })}`.replaceAll('APP', app)
    await database.admin.query(`create role ${app}; ${text}`)
    const [own, foreign] = [crypto.randomUUID(), crypto.randomUUID()]
    await database.admin.query(
      `insert into public.docs (id, tenant_id, title) values ('${foreign}', '${foreign}', 'secret')`,
    )
    const taken = await database.admin.query(
      `begin; set local role ${app}; set local app.tenant_id = '${own}';
       insert into public.my_docs (id, tenant_id) values ('${foreign}', '${own}')
         on conflict (id) do update set tenant_id = excluded.tenant_id;
       commit`,
    )
    expect(taken).toBeDefined()
    const { rows } = await database.admin.query('select tenant_id, title from public.docs')
    expect(rows).toEqual([{ tenant_id: own, title: 'secret' }])
  } finally {
    await database.drop()
  }
})

it('rests nothing on memberships that are written through a view', async () => {
  const asked: TenancyInput = {
    tenantKey: { column: 'tenant_id', type: 'uuid', table: 'public.orgs' },
    context: {
      kind: 'membership',
      user: { guc: 'app.user_id' },
      via: { table: 'public.members', user: 'user_id', tenant: 'tenant_id' },
    },
    schemas: ['public'],
  }
  const judged = async (grant: string): Promise<string[]> => {
    const { coverage } = await judgeScript(
      `grant usage on schema public to APP;
        create table public.orgs (id uuid primary key);
        create table public.members (tenant_id uuid not null references public.orgs, user_id uuid not null, primary key (tenant_id, user_id));
        create table public.docs (id uuid primary key, tenant_id uuid not null references public.orgs);
        create function public.me() returns uuid language sql stable as $$ select nullif(current_setting('app.user_id', true), '')::uuid $$;
        alter table public.orgs enable row level security; alter table public.members enable row level security; alter table public.docs enable row level security;
        create view public.my_memberships with (security_barrier) as select tenant_id, user_id from public.members where user_id = public.me() with check option;
        create function public.is_member(t uuid) returns boolean language sql stable security definer set search_path = '' as $$
          select exists (select from public.members m where m.tenant_id = t and m.user_id = public.me()) $$;
        create policy p on public.docs using (public.is_member(tenant_id));
        grant select on public.docs to APP; grant ${grant} on public.my_memberships to APP;`,
      asked,
    )
    return coverage.flatMap(({ object, verdict, command }) =>
      object === 'public.docs' && command === 'SELECT' ? [verdict] : [],
    )
  }
  expect(await judged('select')).toEqual(['proven'])
  expect(await judged('select, insert')).toEqual(['unknown'])
})
