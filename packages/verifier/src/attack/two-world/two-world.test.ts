import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import pg from 'pg'
import { readCatalog } from 'watertight/catalog'
import { defineTenancy } from 'watertight/model'
import { createTestDatabase } from '../../../../../test/database.js'
import type { TestDatabase } from '../../../../../test/database.js'
import { lintInput } from '../../lint/lint-input.js'
import { runTwoWorlds } from './run-two-worlds.js'
import type { TwoWorldReport } from './run-two-worlds.js'
import { templateWorlds } from './template-worlds.js'

// Copies of databases are made.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let database: TestDatabase | undefined
async function drop(): Promise<void> {
  await database?.drop()
  database = undefined
}
afterEach(drop)

const own = `tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid`

const base = `create schema app;
  create table app.tenants (id uuid primary key, name text not null);
  create table app.projects (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references app.tenants, name text not null, code text not null,
    unique (tenant_id, code), unique (tenant_id, id));
  create table app.tasks (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references app.tenants, project_id uuid not null,
    title text not null, made_at timestamptz not null default now(),
    foreign key (tenant_id, project_id) references app.projects (tenant_id, id) on delete cascade);
  alter table app.tenants enable row level security, force row level security;
  alter table app.projects enable row level security, force row level security;
  alter table app.tasks enable row level security, force row level security;
  create policy own on app.tenants to {app} using (${own.replace('tenant_id', 'id')});
  create policy own on app.projects to {app} using (${own});
  create policy own on app.tasks to {app} using (${own});
  create view app.open_tasks with (security_invoker) as select id, title from app.tasks;
  grant usage on schema app to {app};
  grant select on app.tenants, app.open_tasks to {app};
  grant select, insert, update, delete on app.projects, app.tasks to {app};`

/** A further table with its own policy, which the application may read and add to. */
const tableWith = (name: string, columns: string): string =>
  `create table app.${name} (id uuid primary key, tenant_id uuid not null references app.tenants, ${columns});
   alter table app.${name} enable row level security, force row level security;
   create policy own on app.${name} to {app} using (${own});
   grant select, insert on app.${name} to {app};`

async function connectTo(url: string, name: string): Promise<pg.Client> {
  const address = new URL(url)
  address.pathname = `/${name}`
  const client = new pg.Client({ connectionString: address.href })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

async function worldsOf(extra: string, isBusy = false): Promise<TwoWorldReport> {
  const made = await createTestDatabase()
  database = made
  const app = `${made.rolePrefix}_app`
  await made.admin.query(`create role ${app}; ${(base + extra).replaceAll('{app}', app)}`)
  const catalog = await readCatalog(made.admin, { schemas: 'all' })
  if (!isBusy) await made.admin.end()
  const none = { owner: null, migrator: null, public: null, auditor: null, worker: null }
  const model = defineTenancy({
    schemas: ['app'],
    tenantKey: { column: 'tenant_id', type: 'uuid', table: 'app.tenants' },
    context: { kind: 'guc', tenant: 'app.tenant_id' },
    roles: { app, platform: null, ...none },
  })
  const names: string[] = []
  const connect = (name: string): Promise<pg.Client> => {
    names.push(name)
    return connectTo(made.url, name)
  }
  const worlds = templateWorlds({ source: made.name, connect })
  try {
    return await runTwoWorlds(worlds, lintInput(model, catalog, new Date()))
  } finally {
    const server = await connectTo(made.url, 'postgres')
    const { rows } = await server.query('select from pg_database where datname = any($1)', [
      names.filter((name) => name !== 'postgres'),
    ])
    await server.end()
    expect(rows, 'copies that are left').toEqual([])
  }
}

const said = ({ findings }: TwoWorldReport): readonly string[] =>
  findings.map(({ rule, object }) => `${rule} ${object}`).toSorted()

interface Channel {
  readonly name: string
  readonly sql: string
  readonly expected: readonly string[]
}

/** Each is the only cause of what is expected of it. */
const channels: readonly Channel[] = [
  {
    name: 'a foreign key that does not include the tenant',
    sql: tableWith('notes', 'project_id uuid not null references app.projects (id)'),
    expected: ['two-worlds-existence app.notes'],
  },
  {
    name: 'a value that is unique across tenants',
    sql: tableWith('domains', 'host text not null unique'),
    expected: ['two-worlds-existence app.domains'],
  },
  {
    name: 'numbers of a sequence that all tenants share',
    sql: `${tableWith('invoices', 'number bigserial')}
        grant usage on sequence app.invoices_number_seq to {app};`,
    expected: ['two-worlds-sequence app.invoices', 'two-worlds-sequence app.invoices_number_seq'],
  },
  {
    name: 'a counter that a trigger keeps over all tenants',
    sql: `create table app.totals (rows bigint not null);
        insert into app.totals values (0);
        create function app.counted() returns trigger language plpgsql security definer
          set search_path = pg_catalog, pg_temp as
          $$begin update app.totals set rows = rows + case tg_op when 'INSERT' then 1 else -1 end;
            return coalesce(new, old); end$$;
        create trigger counted after insert or delete on app.tasks
          for each row execute function app.counted();
        grant select on app.totals to {app};`,
    expected: ['two-worlds-rows app.totals'],
  },
  {
    name: 'a materialised view with totals, and a function that counts as its owner',
    sql: `create materialized view app.task_count as select count(*) as tasks from app.tasks;
        grant select on app.task_count to {app};
        create function app.size() returns bigint language sql security definer stable
          set search_path = pg_catalog, pg_temp return (select count(*) from app.tasks);`,
    expected: ['two-worlds-rows app.size()', 'two-worlds-rows app.task_count'],
  },
  {
    name: 'a policy that is open',
    sql: `create policy others on app.tasks for select to {app} using (title is not null);`,
    expected: ['two-worlds-rows app.open_tasks', 'two-worlds-rows app.tasks'],
  },
]

describe('worlds that differ in another tenant alone', () => {
  it('are the same to a tenant of a schema that keeps tenants apart', async () => {
    const report = await worldsOf('')
    expect(said(report)).toEqual([])
    expect(report.differing).toBe(2)
    expect(report.compared).toBeGreaterThan(35)
  })

  it('cannot be made while somebody else uses the database, which is said', async () => {
    await expect(worldsOf('', true)).rejects.toMatchObject({
      code: 'STATEMENT_FAILED',
      sqlState: '55006',
      message: expect.stringContaining('other sessions are connected to it') as string,
    })
  })
})

describe('a schema with many channels', () => {
  let report: TwoWorldReport

  beforeAll(async () => {
    report = await worldsOf(channels.map(({ sql }) => sql).join('\n'))
    await drop()
  })

  it.each(channels)('differs to a tenant through $name', ({ expected }) => {
    expect(said(report)).toEqual(expect.arrayContaining([...expected]))
  })

  it('differs in nothing else, and no row of it is said', () => {
    expect(said(report)).toEqual(channels.flatMap(({ expected }) => expected).toSorted())
    expect(JSON.stringify(report)).not.toMatch(/watertight\d/)
  })
})
