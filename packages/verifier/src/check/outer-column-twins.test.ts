import { expect, it } from 'vitest'
import { judgeScript } from '../../test/judge-script.js'

const me = `nullif(current_setting('app.user', true), '')::uuid`

/** Who joins a crew gets a profile from a trigger, and a profile is of a person who is there. */
const tables = `
  create table people (id uuid primary key);
  create table profiles (person uuid primary key references people, nick text);
  create table crews (id uuid primary key);
  create table members (crew_id uuid not null references crews, person uuid not null, primary key (crew_id, person));
  create table notes (id uuid primary key, crew_id uuid not null references crews, body text);
  create function welcome() returns trigger language plpgsql security definer set search_path = public as $$
  begin
    insert into profiles (person) values (new.person) on conflict do nothing;
    return new;
  end $$;
  create trigger welcome after insert on members for each row execute function welcome();
  create function my_crews() returns setof uuid language sql stable security definer
    set search_path = public set row_security = off
    as $$ select crew_id from public.members where person = ${me} $$;
  alter table notes enable row level security; alter table members enable row level security;
  create policy own on members for select using (person = ${me});
  grant select on members to APP; grant select, insert, update, delete on notes to APP;`

async function verdicts(condition: string): Promise<Readonly<Record<string, string>>> {
  const { coverage } = await judgeScript(
    `${tables} create policy p on notes using (${condition})`,
    {
      tenantKey: { column: 'crew_id', type: 'uuid', columnByTable: { 'public.crews': 'id' } },
      context: {
        kind: 'membership',
        user: { guc: 'app.user' },
        via: { table: 'public.members', user: 'person', tenant: 'crew_id' },
      },
      schemas: ['public'],
      tables: {
        'public.crews': { scope: 'tenant' },
        'public.members': { scope: 'tenant' },
        'public.notes': { scope: 'tenant' },
      },
    },
  )
  const cells = coverage.filter(({ object }) => object === 'public.notes')
  return Object.fromEntries(cells.map(({ command, verdict }) => [command, verdict]))
}

const all = (verdict: string): Readonly<Record<string, string>> =>
  Object.fromEntries(['SELECT', 'INSERT', 'UPDATE', 'DELETE'].map((name) => [name, verdict]))

it('proves a policy that asks a function which runs with row_security off', async () => {
  expect(await verdicts('crew_id in (select c from my_crews() c)')).toEqual(all('proven'))
})

it('shows a leak where the subquery gives back the column of the row itself, for whoever is a member of anything', async () => {
  expect(await verdicts('crew_id in (select notes.crew_id from my_crews() c)')).toEqual(all('leak'))
  expect(
    await verdicts(`crew_id in (select notes.crew_id from members m where m.person = ${me})`),
  ).toEqual(all('leak'))
})
