import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateSigningKey } from 'watertight/runtime'
import { ident, sql } from 'watertight/sql'
import { createTestDatabase } from '../../../../../test/database.js'
import type { TestDatabase } from '../../../../../test/database.js'
import { readIndexFacts } from '../index-repository.js'
import type { StatementRow } from '../statement-repository.js'
import type { PlanContext } from './plan-context.js'
import { planContext } from './plan-context.js'
import type { PlannedStatements } from './plan-statements.js'
import { planStatements } from './plan-statements.js'
import { reportPlans } from './report-plans.js'

let database: TestDatabase
let contexts: PlanContext
let app: string

const own = "(select current_setting('app.tenant', true)::uuid)"

/** `alike`: eight tenants of one size; `skewed`: one with nine tenths, the others with ten rows each. */
const setUp = `
create schema app;
create table app.base (id bigint primary key, tenant_id uuid not null, kind int not null,
  email text not null, created_at timestamptz not null);
create table app.alike (like app.base including all);
create table app.skewed (like app.base including all);
insert into app.alike
  select n, md5((n % 8)::text)::uuid, n % 50, 'p' || n, timestamptz '2030-01-01' + n * interval '1 minute'
  from generate_series(1, 10000) n;
insert into app.skewed
  select n, md5((case when n % 10 > 0 then 0 else n % 1000 end)::text)::uuid, n % 50, 'p' || n,
    timestamptz '2030-01-01' + n * interval '1 minute'
  from generate_series(1, 10000) n;
create function app.tenant_volatile() returns uuid language plpgsql
  as $$ begin return current_setting('app.tenant', true)::uuid; end $$;
create function app.tenant_stable() returns uuid language plpgsql stable
  as $$ begin return current_setting('app.tenant', true)::uuid; end $$;
create function app.is_own(tenant uuid) returns boolean language plpgsql stable
  as $$ begin return tenant = current_setting('app.tenant', true)::uuid; end $$;
create function app.may_see(what text) returns boolean language plpgsql stable
  as $$ begin return current_setting('app.may', true) = what; end $$;
create function app.fail() returns int language plpgsql
  as $$ begin raise exception 'executed'; end $$;
create table app.members (tenant_id uuid, person text)`

interface Schema {
  readonly rows: 'alike' | 'skewed'
  readonly policy: string
  /** Beside one on tenant_id. */
  readonly indexes?: readonly string[]
  readonly text: string
}

const byKind = 'select id from app.t where kind = $1'
const newest = 'select id from app.t where kind <> $1 order by created_at desc limit 10'
const newestOf =
  'select id from app.t where tenant_id = $1 and kind <> $2 order by created_at limit 10'

/** What is slow, the warnings it gets, what they say, and the same as it should be. */
const cases: readonly (readonly [string, Schema, string, RegExp, Schema])[] = [
  [
    'a policy that casts the tenant',
    {
      rows: 'skewed',
      policy: "tenant_id::text = (select current_setting('app.tenant', true))",
      text: byKind,
    },
    'sequential-scan',
    /cast of tenant_id/,
    { rows: 'skewed', policy: `tenant_id = ${own}`, text: byKind },
  ],
  [
    'a VOLATILE function for the tenant',
    { rows: 'skewed', policy: 'tenant_id = app.tenant_volatile()', text: byKind },
    'sequential-scan',
    /app\.tenant_volatile\(\) is VOLATILE/,
    { rows: 'skewed', policy: 'tenant_id = (select app.tenant_stable())', text: byKind },
  ],
  [
    'a function that takes the tenant of the row',
    { rows: 'skewed', policy: 'app.is_own(tenant_id)', text: byKind },
    'sequential-scan',
    /app\.is_own\(tenant_id\), which the planner cannot look into as it is written in plpgsql/,
    { rows: 'skewed', policy: 'tenant_id = app.tenant_stable()', text: byKind },
  ],
  [
    'another way in beside the tenant',
    { rows: 'skewed', policy: `tenant_id = ${own} or (select app.may_see('all'))`, text: byKind },
    'sequential-scan',
    /by OR/,
    { rows: 'skewed', policy: `tenant_id = ${own} and (select app.may_see('all'))`, text: byKind },
  ],
  [
    'a membership that is looked up for each row',
    {
      rows: 'skewed',
      policy: `exists (select from app.members m where m.tenant_id = t.tenant_id
        and m.person like current_setting('app.user', true) || t.kind)`,
      text: byKind,
    },
    'sequential-scan',
    /subquery about each row/,
    {
      rows: 'skewed',
      policy: `tenant_id = any ((select array(select m.tenant_id from app.members m
        where m.person = current_setting('app.user', true)))::uuid[])`,
      text: byKind,
    },
  ],
  [
    'a function that is asked for each row',
    { rows: 'alike', policy: `tenant_id = ${own} and app.may_see('t')`, text: byKind },
    'function-per-row',
    /app\.may_see\(\) for each of up to about/,
    { rows: 'alike', policy: `tenant_id = ${own} and (select app.may_see('t'))`, text: byKind },
  ],
  [
    'a list in the order of an index of all tenants',
    { rows: 'alike', policy: `tenant_id = ${own}`, indexes: ['(created_at)'], text: newest },
    'late-tenant-filter',
    /does not begin with tenant_id/,
    {
      rows: 'alike',
      policy: `tenant_id = ${own}`,
      indexes: ['(tenant_id, created_at)'],
      text: newest,
    },
  ],
  [
    'a condition whose operator is not leakproof',
    {
      rows: 'alike',
      policy: `tenant_id = ${own}`,
      indexes: ['(lower(email))'],
      text: 'select id from app.t where lower(email) = $1',
    },
    'condition-not-leakproof',
    /condition on lower\(email\).*not leakproof/,
    {
      rows: 'alike',
      policy: `tenant_id = ${own}`,
      indexes: ['(tenant_id, email)'],
      text: 'select id from app.t where email = $1',
    },
  ],
  [
    'a plan for the whale that is none for a minnow',
    { rows: 'skewed', policy: `tenant_id = ${own}`, indexes: ['(created_at)'], text: newestOf },
    'late-tenant-filter, whale-and-minnow',
    /largest tenant of app\.t .*created_at/,
    {
      rows: 'skewed',
      policy: `tenant_id = ${own}`,
      indexes: ['(tenant_id, created_at)'],
      text: newestOf,
    },
  ],
]

beforeAll(async () => {
  database = await createTestDatabase()
  app = `${database.rolePrefix}_app`
  await database.admin.query(sql`create role ${ident(app)} login`.text)
  await database.admin.query(setUp)
  await database.admin.query(sql`grant usage on schema app to ${ident(app)}`.text)
  const url = database.urlFor(app)
  contexts = planContext(
    { app: url, worker: url, auditor: url, platform: url, public: url },
    generateSigningKey('k1'),
  )
})
afterAll(() => database.drop())

function statement(text: string, role: string | null = app): StatementRow {
  const figures = { calls: 3, totalMs: 9, meanMs: 3, maxMs: 4, rows: 1 }
  return { id: '7', text, whole: text, role, ...figures, cacheHitRatio: null, since: null }
}

async function plan(...statements: readonly StatementRow[]): Promise<PlannedStatements> {
  const { unusable } = await readIndexFacts(database.admin, ['app'])
  const tenantId = '00000000-0000-4000-8000-000000000001'
  return planStatements(database.admin, statements, { contexts, unusable, tenantId })
}

async function build({ rows, policy, indexes = [] }: Schema): Promise<void> {
  const statements = [
    'drop table if exists app.t',
    'create table app.t (like app.base including all)',
    `insert into app.t select * from app.${rows}`,
    ...['(tenant_id)', ...indexes].map((columns) => `create index on app.t ${columns}`),
    'alter table app.t enable row level security',
    `create policy own on app.t using (${policy})`,
    'grant select, insert on app.t, app.members to public',
    'analyze app.t',
  ]
  for (const each of statements) await database.admin.query(each)
}

describe('a slow statement gets a warning, and its mended twin none', () => {
  it.each(cases)('%s', async (_what, slow, kind, message, mended) => {
    await build(slow)
    const found = await plan(statement(slow.text))
    expect(found.notPlanned).toEqual([])
    const warnings = found.items[0]?.warnings ?? []
    expect(warnings.map((each) => each.kind).join(', ')).toBe(kind)
    expect(warnings.map((each) => each.message).join('\n')).toMatch(message)
    expect(found.items[0]?.plan).toContain('app.t')
    await build(mended)
    expect(await plan(statement(mended.text))).toEqual({ examined: 1, items: [], notPlanned: [] })
  })

  it('and a small table none', async () => {
    await build({ rows: 'alike', policy: 'app.is_own(tenant_id)', text: byKind })
    await database.admin.query('delete from app.t where id > 500')
    await database.admin.query('vacuum analyze app.t')
    expect((await plan(statement(byKind))).items).toEqual([])
  })
})

describe('what is planned', () => {
  it('is one statement of a role of the application, with its parameters open', async () => {
    await build({ rows: 'alike', policy: `tenant_id = ${own}`, text: byKind })
    const { examined, notPlanned } = await plan(
      statement('select app.fail(), id from app.t where kind = $1 and created_at > $2'),
      statement('insert into app.t select * from app.t where kind = $1'),
      statement('select 1; delete from app.t'),
      statement('merge into app.t using app.t u on true when matched then delete'),
      statement('select id from app.t where created_at > interval $1'),
      statement('select id from app.gone'),
      statement('select id from app.t', null),
      statement('select id from app.t', 'postgres'),
      { ...statement('select'), whole: null },
    )
    expect(examined).toBe(2)
    expect(notPlanned.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('not one SELECT'),
      expect.stringContaining('not one SELECT'),
      expect.stringMatching(/42601|not one SELECT/),
      expect.stringContaining('42P01'),
      expect.stringContaining('too long'),
    ])
    const { rows } = await database.admin.query('select count(*)::int as n from app.t')
    expect(rows).toEqual([{ n: 10_000 }])
  })

  it('is what the role may do: nothing is planned with the rights of the login', async () => {
    await database.admin.query('create table app.secrets (id int)')
    const { notPlanned } = await plan(statement('select id from app.secrets'))
    expect(notPlanned[0]?.reason).toContain('42501')
  })

  it('is nothing where the login may not act as the roles, and the page says how it may', async () => {
    const login = `${database.rolePrefix}_statistics`
    await database.admin.query(sql`create role ${ident(login)} login bypassrls`.text)
    const client = await database.connect(login)
    const conditions = { contexts, hindrance: null, unusable: [], tenantId: null }
    const before = await reportPlans(client, [statement('select 1')], conditions)
    expect(before).toMatchObject({ available: false, examined: 0 })
    expect(before.howToEnable).toContain('set true')
    await database.admin.query(
      sql`grant ${ident(app)} to ${ident(login)} with inherit false, set true`.text,
    )
    const after = await reportPlans(client, [statement('select 1')], conditions)
    expect(after).toMatchObject({ available: true, examined: 1 })
  })
})
