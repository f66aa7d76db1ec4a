import type { TenancyInput } from 'watertight/model'
import { expect, it } from 'vitest'
import { judgeScript } from '../../test/judge-script.js'

/** Members of one rank read everything. */
const staffed = (rank: string): string => `
grant usage on schema public to APP;
create table public.orgs (id uuid primary key);
create table public.members (user_id uuid primary key, org_id uuid not null references public.orgs, rank ${rank});
create table public.notes (id uuid primary key default gen_random_uuid(), org_id uuid not null references public.orgs);
create function public.me() returns public.members language sql stable security definer set search_path = '' as $$
  select m from public.members m where m.user_id = nullif(current_setting('app.user_id', true), '')::uuid $$;
alter table public.members enable row level security; alter table public.notes enable row level security;
create policy own on public.members for select to APP using (org_id = (public.me()).org_id);
create policy own on public.notes for select to APP using (org_id = (public.me()).org_id or (public.me()).rank = 'staff');
grant select on public.members, public.notes to APP;`

const model: TenancyInput = {
  tenantKey: { column: 'org_id', type: 'uuid', table: 'public.orgs' },
  context: {
    kind: 'membership',
    user: { guc: 'app.user_id' },
    via: { table: 'public.members', user: 'user_id', tenant: 'org_id' },
  },
  schemas: ['public'],
  tables: { 'public.orgs': { scope: 'global' } },
}

async function messageOf(script: string): Promise<string | undefined> {
  const { findings } = await judgeScript(script, model)
  return findings.find(({ rule }) => rule === 'foreign-select')?.message
}

it('says the rank of the member that it made up, where that opened the rows', async () => {
  const checked = await messageOf(staffed(`text not null check (rank in ('staff', 'member'))`))
  expect(checked).toContain('by a user with rank = staff in public.members, on public.notes: ')
})

it('says nothing of what every member has by default', async () => {
  const message = await messageOf(staffed(`text not null default 'staff'`))
  expect(message).toContain('under the context of one tenant, on public.notes: ')
})
