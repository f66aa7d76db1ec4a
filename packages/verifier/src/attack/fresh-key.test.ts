import type { TenancyInput } from 'watertight/model'
import { expect, it } from 'vitest'
import { judgeScript } from '../../test/judge-script.js'

/** Ids are text of a type, and the policies' helper makes a UUID of the user's. */
const people = (type: string, helper: string): string => `
grant usage on schema public to APP;
create function public.me() returns uuid language sql stable as $$
  select ${helper} $$;
create table public.people (user_id ${type} primary key, rank text not null default 'guest');
create function public.my_rank() returns text language sql stable security definer as $$
  select rank from people where user_id = me()::text $$;
alter table public.people enable row level security;
create policy own on public.people to APP using (user_id = public.me()::text or public.my_rank() <> 'outcast');
grant select, insert on public.people to APP;`

const claim = `nullif(current_setting('app.user', true), '')`

const model: TenancyInput = {
  tenantKey: { column: 'user_id', type: 'text' },
  context: { kind: 'guc', tenant: 'app.user' },
  schemas: ['public'],
}

async function selectOf(type: string, helper: string): Promise<{ verdict: string; by: string }> {
  const { coverage } = await judgeScript(people(type, helper), model)
  const found = coverage.find(({ command }) => command === 'SELECT')
  return { verdict: found?.verdict ?? '', by: found?.reason ?? '' }
}

it('shows who reads everybody, where ids are text and have to be UUIDs', async () => {
  const { verdict, by } = await selectOf('text', `${claim}::uuid`)
  expect([verdict, by]).toEqual(['leak', expect.not.stringContaining('22P02')])
})

it('makes shorter ids for columns without room for a UUID', async () => {
  const { by } = await selectOf('varchar(20)', `md5(${claim})::uuid`)
  expect(by).not.toContain('22001')
})
