import { defineTenancy } from 'watertight/model'
import { beforeAll, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import { sharedSolver } from '../../test/shared-solver.js'
import type { Solver } from '../prove/solver.js'
import { check } from './check.js'

let solver: Solver
beforeAll(async () => {
  solver = await sharedSolver()
})

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
  const reason = await reasonOf(policies)
  expect(reason).toContain(
    `infinite recursion, for which PostgreSQL refuses every such statement: ${told}; `,
  )
})

it('speaks of no recursion where a policy names its own table and reads another', async () => {
  const reason = await reasonOf(
    `create policy m on public.members using (exists (select from public.teams t where t.tenant_id = members.tenant_id));
     create policy t on public.teams using (id is not null);`,
  )
  expect(reason).not.toContain('recursion')
})

async function reasonOf(policies: string): Promise<string | undefined> {
  const database = await createTestDatabase()
  try {
    const app = `${database.rolePrefix}_app`
    const script = `create role ${app}; ${`${tables} ${policies}`.replaceAll('APP', app)}`
    await database.admin.query(script)
    const model = defineTenancy({
      tenantKey: { type: 'uuid' },
      context: {
        kind: 'membership',
        user: { guc: 'app.user' },
        via: { table: 'public.members', user: 'user_id', tenant: 'tenant_id' },
      },
      roles: { app },
      schemas: ['public'],
    })
    const result = await check(database.admin, { model, solver, live: true, now: () => new Date() })
    return result.coverage.find(
      ({ object, command }) => object === 'public.members' && command === 'SELECT',
    )?.reason
  } finally {
    await database.drop()
  }
}
