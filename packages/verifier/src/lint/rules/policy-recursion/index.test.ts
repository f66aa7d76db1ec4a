import { readCatalog } from 'watertight/catalog'
import { expect, it } from 'vitest'
import { describeRule } from '../../../../test/describe-rule.js'
import { caseDatabase } from '../../../../test/readme-cases.js'
import { loadParser } from '../../../expr/index.js'
import { lintInput } from '../../lint-input.js'
import { policyRecursion } from './index.js'

describeRule(policyRecursion, import.meta.url, { severity: 'warning', fixable: false })

const tables = `create table members (tenant_id text not null, user_id text not null, primary key (tenant_id, user_id));
  create table teams (id int primary key, tenant_id text not null);
  create table notes (id int primary key, tenant_id text not null);
  alter table members enable row level security; alter table teams enable row level security;
  alter table notes enable row level security;
  grant select, insert on members, teams, notes to app_user;`
const me = `current_setting('app.user_id', true)`
const ofTeams = `create policy m on members using (exists (select from teams t where t.tenant_id = members.tenant_id));`

/** Policies, and for a table and a command whether the server refuses it for recursion. */
const cases: Readonly<Record<string, readonly [string, string, string, boolean]>> = {
  'a policy that reads its own table': [
    `create policy m on members using (tenant_id in (select m.tenant_id from members m where m.user_id = ${me}));`,
    'members',
    'SELECT',
    true,
  ],
  'two that read each other, one from a list of tables': [
    `${ofTeams} create policy t on teams using (exists (select from notes n, members m where m.tenant_id = teams.tenant_id));
     create policy n on notes using (true);`,
    'teams',
    'SELECT',
    true,
  ],
  'a table that leads into a circle of others': [
    `${ofTeams} create policy t on teams using (exists (select from members m where m.tenant_id = teams.tenant_id));
     create policy n on notes using (exists (select from teams t where t.tenant_id = notes.tenant_id));`,
    'notes',
    'SELECT',
    true,
  ],
  'a policy that is on its way to a circle only for new rows': [
    `create policy r on members for select using (user_id = ${me});
     create policy w on members for insert with check (exists (select from teams t where t.tenant_id = members.tenant_id));
     create policy t on teams using (exists (select from members m where m.tenant_id = teams.tenant_id));`,
    'members',
    'INSERT',
    false,
  ],
  'the same where the policy for reading has a sub-select of its own': [
    `create policy r on members for select using (user_id = (select ${me}));
     create policy w on members for insert with check (exists (select from teams t where t.tenant_id = members.tenant_id));
     create policy t on teams using (exists (select from members m where m.tenant_id = teams.tenant_id));`,
    'members',
    'INSERT',
    true,
  ],
  'a policy whose check reads its own table, which is no circle for who reads': [
    `create policy m on members using (user_id = ${me}) with check (tenant_id in (select m.tenant_id from members m));`,
    'members',
    'SELECT',
    false,
  ],
  'the same for who writes': [
    `create policy m on members using (user_id = ${me}) with check (tenant_id in (select m.tenant_id from members m));`,
    'members',
    'INSERT',
    true,
  ],
  'a policy that names a query in WITH like its table': [
    `create policy t on teams using (exists (with members as (select 't' as tenant_id) select from members m where m.tenant_id = teams.tenant_id));
     ${ofTeams}`,
    'members',
    'SELECT',
    false,
  ],
  'a function that reads past the policies': [
    `create function mine() returns setof text language sql stable security definer as $$ select tenant_id from members $$;
     create policy m on members using (tenant_id in (select mine()));`,
    'members',
    'SELECT',
    false,
  ],
  'restrictive policies alone, which the server does not look at': [
    `create policy m on members as restrictive using (tenant_id in (select m.tenant_id from members m));`,
    'members',
    'SELECT',
    false,
  ],
  'a table without Row Level Security on the way': [
    `${ofTeams} create policy t on teams using (exists (select from members m where m.tenant_id = teams.tenant_id));
     alter table teams disable row level security;`,
    'members',
    'SELECT',
    false,
  ],
}

it.each(Object.keys(cases))('speaks where the server refuses, and only there: %s', async (name) => {
  const entry = cases[name]
  if (entry === undefined) throw new Error('no such case')
  const [policies, table, command, isRefused] = entry
  await loadParser()
  const at = await caseDatabase(`${tables} ${policies}`)
  try {
    const { admin } = at.database
    const statement = {
      SELECT: `select from ${table}`,
      INSERT: `insert into ${table} values ('1', '1')`,
    }[command]
    const app = await at.database.connect(at.role('app_user'))
    const state = await app.query(statement ?? '').then(
      () => 'done',
      (error: unknown) => (error as { code?: string }).code,
    )
    expect(state === '42P17').toBe(isRefused)
    const catalog = await readCatalog(admin, { schemas: 'all' })
    const found = policyRecursion.check(lintInput(at.model, catalog, new Date(0)))
    const told = found.filter(
      ({ object, evidence }) =>
        object === `public.${table}` && (evidence['commands'] as string[]).includes(command),
    )
    expect(told).toHaveLength(isRefused ? 1 : 0)
  } finally {
    await at.database.drop()
  }
})
