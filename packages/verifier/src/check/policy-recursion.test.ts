import { expect, it } from 'vitest'
import { judgeScript } from '../../test/judge-script.js'
import type { CheckResult } from '../findings/index.js'

const tables = `
  create table public.members (tenant_id uuid not null, user_id uuid not null, primary key (tenant_id, user_id));
  create table public.teams (id uuid primary key, tenant_id uuid not null);
  alter table public.members enable row level security; alter table public.teams enable row level security;
  grant select on public.members, public.teams to APP;`
const me = `nullif(current_setting('app.user', true), '')::uuid`

it.each([
  [
    'one that reads its own table',
    `create policy same on public.members using (exists (select from public.members m
       where m.tenant_id = members.tenant_id and m.user_id = ${me}));`,
    'policy same on public.members reads public.members',
  ],
  [
    'two that read each other’s',
    `create policy m on public.members using (exists (select from public.teams t where t.tenant_id = members.tenant_id));
     create policy t on public.teams using (exists (select from public.members m where m.tenant_id = teams.tenant_id));`,
    'policy m on public.members reads public.teams, policy t on public.teams reads public.members',
  ],
])('names the policies for which every read fails: %s', async (_name, policies, told) => {
  const { coverage, findings } = await judge(policies)
  expect(reasonOf(coverage)).toContain(
    `infinite recursion, for which PostgreSQL refuses every such statement: ${told}; `,
  )
  expect(findings.filter(({ rule }) => rule === 'policy-recursion')).toMatchObject(
    told.split(', ').map((step) => ({
      key: expect.stringMatching(/^policy-recursion:public\.(members|teams):\w+_app$/),
      message: expect.stringContaining(step),
      evidence: { commands: ['SELECT'], sqlState: '42P17' },
    })),
  )
})

it('speaks of no recursion where a policy names its own table and reads another', async () => {
  const { coverage, findings } = await judge(
    `create policy m on public.members using (exists (select from public.teams t where t.tenant_id = members.tenant_id));
     create policy t on public.teams using (id is not null);`,
  )
  expect(reasonOf(coverage)).not.toContain('recursion')
  expect(findings.filter(({ rule }) => rule === 'policy-recursion')).toEqual([])
})

function reasonOf(coverage: CheckResult['coverage']): string | undefined {
  return coverage.find(({ object, command }) => object === 'public.members' && command === 'SELECT')
    ?.reason
}

function judge(policies: string): Promise<CheckResult> {
  return judgeScript(`${tables} ${policies}`, {
    tenantKey: { type: 'uuid' },
    context: {
      kind: 'membership',
      user: { guc: 'app.user' },
      via: { table: 'public.members', user: 'user_id', tenant: 'tenant_id' },
    },
    schemas: ['public'],
  })
}
