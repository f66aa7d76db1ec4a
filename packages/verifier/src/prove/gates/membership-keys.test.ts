import type { TenancyInput } from 'watertight/model'
import { expect, it } from 'vitest'
import { judgeScript } from '../../../test/judge-script.js'
import type { CheckResult, Verdict } from '../../findings/index.js'

/** Memberships that name a branch of the organisation, by a key without the organisation. */
const branches = (action: string): string => `
grant usage on schema public to APP;
create table public.orgs (id uuid primary key);
create table public.branches (id uuid primary key, org_id uuid not null references public.orgs, unique (org_id));
create table public.members (user_id uuid not null, org_id uuid not null references public.orgs, branch_id uuid,
  primary key (user_id, org_id));
create table public.notes (id uuid primary key, org_id uuid not null references public.orgs);
alter table public.members add constraint at_branch ${action};
create function public.is_member(o uuid) returns boolean language sql stable security definer set search_path = '' as $$
  select exists (select from public.members m where m.org_id = o
    and m.user_id = nullif(current_setting('app.user_id', true), '')::uuid) $$;
alter table public.branches enable row level security; alter table public.members enable row level security;
alter table public.notes enable row level security;
create policy m on public.branches to APP using (public.is_member(org_id));
create policy m on public.members to APP using (public.is_member(org_id));
create policy m on public.notes to APP using (public.is_member(org_id));
grant select, insert, update, delete on public.branches, public.members, public.notes to APP;`

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

function cell({ coverage }: CheckResult, object: string, command: string): Verdict | undefined {
  return coverage.find((each) => each.object === object && each.command === command)?.verdict
}

const forgetsBranch = 'foreign key (branch_id) references public.branches on delete set null'

it('proves what rests on memberships whose key to another table forgets a column beside the tenant', async () => {
  const result = await judgeScript(branches(forgetsBranch), model, { live: false })
  for (const command of ['SELECT', 'INSERT', 'UPDATE', 'DELETE']) {
    expect(cell(result, 'public.notes', command)).toBe('proven')
  }
})

it('leaves open what such a key changes: the memberships, not whose they are', async () => {
  const result = await judgeScript(branches(forgetsBranch), model, { live: false })
  const open = result.coverage.filter(({ object }) => object === 'public.members')
  expect(Object.fromEntries(open.map(({ command, verdict }) => [command, verdict]))).toEqual({
    SELECT: 'proven',
    INSERT: 'proven',
    UPDATE: 'unknown',
    DELETE: 'proven',
  })
  expect(open.find(({ command }) => command === 'UPDATE')?.reason).toContain(
    'the foreign key at_branch changes rows along with',
  )
})

it.each([
  'foreign key (org_id) references public.branches on update cascade',
  'foreign key (user_id) references public.branches on update cascade',
])(
  'does not prove what rests on memberships whose user or tenant a key may change: %s',
  async (action) => {
    const result = await judgeScript(branches(action), model, { live: false })
    const open = result.coverage.find(
      ({ object, command }) => object === 'public.notes' && command === 'SELECT',
    )
    expect(open?.verdict).toBe('unknown')
    expect(open?.reason).toContain(
      'public.members decides who belongs to a tenant: the foreign key',
    )
  },
)
