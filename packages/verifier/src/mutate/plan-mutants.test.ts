import { afterAll, beforeAll, expect, it } from 'vitest'
import { readCatalog } from 'watertight/catalog'
import { defineTenancy } from 'watertight/model'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import type { Mutant, MutantKind } from './index.js'
import { planMutants } from './index.js'

let database: TestDatabase
let mutants: readonly Mutant[]

const model = defineTenancy({
  context: { kind: 'guc', tenant: 'app.tenant_id' },
  tenantKey: { type: 'bigint' },
  schemas: ['s'],
})

beforeAll(async () => {
  database = await createTestDatabase()
  const app = `${database.rolePrefix}_app`
  const owner = `${database.rolePrefix}_owner`
  await database.admin.query(`
    create role ${owner}; create role ${app};
    create schema s authorization ${owner}; grant usage on schema s to ${app};
    set role ${owner};
    create table s.members (user_id text, tenant_id int, active boolean not null, primary key (user_id, tenant_id));
    create function s.tenant() returns int language sql stable set search_path = pg_catalog, pg_temp
      as $$ select nullif(current_setting('app.tenant_id', true), '')::int $$;
    create function s.is_member(wanted int) returns boolean language sql stable set search_path = pg_catalog, pg_temp
      as $$ select exists (select from s.members m where m.tenant_id = wanted and m.active) $$;
    create function s.guard() returns trigger language plpgsql as $$ begin return new; end $$;
    create table s.projects (id int unique, tenant_id int, primary key (tenant_id, id));
    create table s."Odd notes" (
      id int primary key, tenant_id int not null default s.tenant(), project_id int, note text,
      constraint project foreign key (tenant_id, project_id) references s.projects (tenant_id, id)
    );
    create trigger guard before update on s."Odd notes" for each row execute function s.guard();
    alter table s."Odd notes" enable row level security;
    alter table s."Odd notes" force row level security;
    create policy own on s."Odd notes" to ${app}
      using (tenant_id = s.tenant() and exists (select from s.members m where m.tenant_id = "Odd notes".tenant_id and m.active))
      with check (tenant_id = s.tenant() and s.is_member(tenant_id));
    create policy "it's bound" on s."Odd notes" as restrictive using (tenant_id = s.tenant());
    create view s.shown with (security_invoker) as select id from s."Odd notes" where s.is_member(tenant_id);
    grant select, insert on s."Odd notes" to ${app};
    reset role;`)
  mutants = await planMutants(model, await readCatalog(database.admin, { schemas: 'all' }))
})
afterAll(() => database.drop())

const everyKind: Readonly<Record<MutantKind, true>> = {
  'policy-dropped': true,
  'policy-using-true': true,
  'policy-check-true': true,
  'policy-check-dropped': true,
  'policy-permissive': true,
  'policy-restrictive': true,
  'policy-to-public': true,
  'policy-conjunct-dropped': true,
  'policy-and-to-or': true,
  'policy-null-matches': true,
  'policy-search-widened': true,
  'rls-disabled': true,
  'rls-not-forced': true,
  'tenant-nullable': true,
  'tenant-default-dropped': true,
  'foreign-key-without-tenant': true,
  'trigger-dropped': true,
  'view-owner-rights': true,
  'function-definer': true,
  'function-true': true,
  'function-search-widened': true,
  'grant-truncate': true,
  'grant-widened': true,
  'role-bypass-rls': true,
}

it('plans a fault of every kind, each under a name of its own', () => {
  expect([...new Set(mutants.map(({ kind }) => kind))].toSorted()).toEqual(
    Object.keys(everyKind).toSorted(),
  )
  expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length)
})

it('plans what the server takes, with a guard that holds before and not after', async () => {
  const { admin } = database
  const holds = async (guard: string): Promise<unknown> => {
    const { rows } = await admin.query<Record<string, unknown>>(guard)
    return Object.values(rows[0] ?? {})[0]
  }
  const wrong: string[] = []
  for (const { id, up, guard } of mutants) {
    await admin.query('begin')
    try {
      const before = await holds(guard)
      for (const statement of up) await admin.query(statement)
      const after = await holds(guard)
      if (before !== true || after !== false) {
        wrong.push(`${id}: ${String(before)} then ${String(after)}`)
      }
    } catch (error) {
      wrong.push(`${id}: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      await admin.query('rollback')
    }
  }
  expect(wrong).toEqual([])
})
