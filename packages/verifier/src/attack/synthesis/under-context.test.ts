import type { TenancyInput } from 'watertight/model'
import { expect, it } from 'vitest'
import { judgeScript } from '../../../test/judge-script.js'

const me = `current_setting('app.person')::int`

/** Memberships and sheets of bands; whoever joins one is written down by a trigger, which asks who it is. */
const bands = (asks: string): string => `
  create table public.people (id int primary key);
  create table public.bands (id int primary key);
  create table public.players (person_id int not null references public.people, band_id int not null references public.bands,
    primary key (person_id, band_id));
  create table public.sheets (id int primary key, band_id int not null references public.bands, title text);
  create table public.diary (id int generated always as identity primary key, person_id int not null, band_id int not null);
  create function public.note() returns trigger language plpgsql security definer set search_path = '' as $$
    begin insert into public.diary (person_id, band_id) values (${asks}, new.band_id); return new; end $$;
  create trigger note after insert on public.players for each row execute function public.note();
  alter table public.players enable row level security;
  create policy own on public.players for select using (person_id = ${me});
  grant select on public.players to APP; grant select on public.sheets to APP;`

const model: TenancyInput = {
  tenantKey: { column: 'band_id', type: 'bigint', table: 'public.bands' },
  userKey: { type: 'bigint' },
  context: {
    kind: 'membership',
    user: { guc: 'app.person' },
    via: { table: 'public.players', user: 'person_id', tenant: 'band_id' },
  },
  schemas: ['public'],
}

async function readSheets(asks: string): Promise<string> {
  const { coverage } = await judgeScript(bands(asks), model)
  const cell = coverage.find(
    ({ object, command }) => object === 'public.sheets' && command === 'SELECT',
  )
  return `${cell?.verdict}: ${cell?.reason}`
}

it('makes members where a trigger asks who makes them', async () => {
  expect(await readSheets(me)).toMatch(/^leak: /)
})

it('says that no member can be made where a trigger asks for what nobody sets', async () => {
  expect(await readSheets(`current_setting('app.band_of_the_day')::int`)).toMatch(
    /^unknown: .*public\.players cannot be made \(42704\)/s,
  )
})
