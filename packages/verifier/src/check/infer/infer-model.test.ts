import { readCatalog } from 'watertight/catalog'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadParser } from '../../expr/index.js'
import { caseDatabase } from '../../../test/readme-cases.js'
import { check } from '../check.js'
import { inferModel } from './infer-model.js'

beforeAll(loadParser)

const tables = `create table accounts (id uuid primary key);
  create table notes (id int primary key, account_id uuid not null references accounts, author uuid, body text);
  create table tags (id int primary key, account_id uuid not null references accounts, body text);
  alter table notes enable row level security; alter table tags enable row level security;
  grant select, insert, update, delete on notes, tags to app_user; grant select on notes to anon_user;`
const both = (condition: string): string =>
  `create policy p on notes using (${condition}); create policy p on tags using (${condition});`

describe('inference without a declaration', () => {
  it.each([
    [
      'a plain setting',
      `${tables} ${both(`account_id = nullif(current_setting('app.account', true), '')::uuid`)}
       create policy own on notes as restrictive for delete using (author = current_setting('app.person', true)::uuid)`,
      { kind: 'guc', tenant: 'app.account', user: 'app.person', orgUnits: null, orgScope: null },
    ],
    [
      'a helper function',
      `${tables} create function my_account() returns uuid language sql stable
         as $$ select nullif(current_setting('app.account', true), '')::uuid $$;
       ${both('account_id = (select my_account())')}`,
      { kind: 'guc', tenant: 'app.account' },
    ],
    [
      'claims of a token',
      `${tables} ${both(`account_id = (current_setting('request.jwt.claims', true)::jsonb -> 'app' ->> 'account')::uuid`)}`,
      { kind: 'jwt-claims', guc: 'request.jwt.claims', tenant: '/app/account' },
    ],
    [
      'a membership table',
      `${tables} create table members (person uuid, account uuid, primary key (person, account));
       alter table members enable row level security; grant select on members to app_user;
       create policy own on members using (person = current_setting('app.person', true)::uuid);
       ${both(`account_id in (select m.account from members m where m.person = current_setting('app.person', true)::uuid)`)}`,
      {
        kind: 'membership',
        user: { guc: 'app.person', claim: null },
        via: { table: { schema: 'public', name: 'members' }, user: 'person', tenant: 'account' },
      },
    ],
    [
      'the membership of people where a function looks for the key of a program first',
      `${tables} create table members (person uuid, account uuid, primary key (person, account));
       create table agents (secret text primary key, account uuid not null);
       create table drafts (id int primary key, author uuid not null); alter table drafts enable row level security;
       create policy own on drafts using (author = current_setting('app.person', true)::uuid);
       create function my_accounts() returns setof uuid language plpgsql stable security definer set search_path = '' as $$
       begin
         if current_setting('app.secret', true) <> '' then
           return query select a.account from public.agents a where a.secret = current_setting('app.secret', true);
         else
           return query select m.account from public.members m where m.person = current_setting('app.person', true)::uuid;
         end if;
       end $$;
       alter table members enable row level security; grant select on members to app_user;
       create policy own on members using (person = current_setting('app.person', true)::uuid);
       ${both('account_id in (select my_accounts())')}`,
      {
        kind: 'membership',
        user: { guc: 'app.person', claim: null },
        via: { table: { schema: 'public', name: 'members' }, user: 'person', tenant: 'account' },
      },
    ],
  ])('recognises %s', async (_name, text, context) => {
    const at = await caseDatabase(text)
    try {
      const { admin } = at.database
      const { model, inferred } = inferModel(await readCatalog(admin, { schemas: 'all' }))
      expect(model.context).toMatchObject(context)
      expect(model.tenantKey).toMatchObject({
        column: 'account_id',
        type: 'uuid',
        table: { schema: 'public', name: 'accounts' },
      })
      expect(model.roles).toMatchObject({ app: at.role('app_user'), public: at.role('anon_user') })
      expect(inferred.join('\n')).toMatch(/account_id, compared with (the context|memberships)/)
      const now = (): Date => new Date()
      const result = await check(admin, { model, inferred, live: true, prove: false, now })
      const notes = result.coverage.filter((row) => row.object === 'public.notes')
      expect(notes.map((row) => row.verdict)).not.toContain('leak')
      const { reason } = notes.find((row) => row.command === 'SELECT') ?? {}
      expect(reason).toMatch(/^(\d+) of \1 probes/)
    } finally {
      await at.database.drop()
    }
  })

  it('takes the column that policies compare with what users say of themselves, and believes none of it', async () => {
    const at = await caseDatabase(`
      create table bills (id int primary key, customer text not null, amount int);
      alter table bills enable row level security; grant select on bills to app_user;
      create policy own on bills using
        (customer = current_setting('request.jwt.claims', true)::jsonb -> 'user_metadata' ->> 'customer')`)
    try {
      const { admin } = at.database
      const { model, inferred } = inferModel(await readCatalog(admin, { schemas: 'all' }))
      expect(model.tenantKey).toMatchObject({ column: 'customer', type: 'text' })
      expect(model.context).toMatchObject({ kind: 'guc' })
      const result = await check(admin, { model, inferred, live: true, now: () => new Date() })
      expect(result.findings).toContainEqual(
        expect.objectContaining({ rule: 'user-controlled-claim', object: 'public.bills' }),
      )
      expect(result.summary.proven).toBe(0)
    } finally {
      await at.database.drop()
    }
  })

  it('takes the key of one table for no column of the others that are called alike', async () => {
    const at = await caseDatabase(`
      create table people (id uuid primary key, nick text); create table tags (id uuid primary key, label text);
      alter table people enable row level security; grant select on people, tags to app_user;
      create policy own on people using (id = nullif(current_setting('app.person', true), '')::uuid)`)
    try {
      const { admin } = at.database
      const { model, inferred } = inferModel(await readCatalog(admin, { schemas: 'all' }))
      expect(model.tenantKey.column).not.toBe('id')
      const result = await check(admin, { model, inferred, live: true, now: () => new Date() })
      const select = result.coverage.filter(({ command }) => command === 'SELECT')
      expect(Object.fromEntries(select.map(({ object, verdict }) => [object, verdict]))).toEqual({
        'public.people': 'proven',
        'public.tags': 'unknown',
      })
    } finally {
      await at.database.drop()
    }
  })

  it('takes the column that memberships point with, where no other table has the tenant', async () => {
    const at = await caseDatabase(`
      create table crews (id uuid primary key, name text);
      create table crew_members (id uuid primary key, crew_id uuid not null references crews, person uuid not null);
      create function joined(c uuid) returns boolean language sql stable security definer set search_path = public
        as $$ select exists (select from crew_members m where m.crew_id = c and m.person = current_setting('app.person', true)::uuid) $$;
      alter table crews enable row level security; alter table crew_members enable row level security;
      create policy p on crews using (joined(id)); create policy p on crew_members using (joined(crew_id));
      grant select, insert, update, delete on crews, crew_members to app_user`)
    try {
      const { model } = inferModel(await readCatalog(at.database.admin, { schemas: 'all' }))
      expect(model.tenantKey).toMatchObject({ column: 'crew_id', table: { name: 'crews' } })
    } finally {
      await at.database.drop()
    }
  })

  it('takes tables whose policies compare their own column with itself for a tenant’s, by what others call the tenant', async () => {
    const joined = `select m.crew_id from crew_members m where m.person = current_setting('app.person', true)::uuid`
    const at = await caseDatabase(`
      create table crews (id uuid primary key);
      create table crew_members (crew_id uuid not null references crews, person uuid not null, primary key (crew_id, person));
      create table plans (id uuid primary key, crew_id uuid not null references crews);
      create table tasks (id uuid primary key, crew_id uuid not null references crews);
      create table bills (id uuid primary key, crew uuid not null references crews);
      create table holds (id uuid primary key, crew uuid not null references crews);
      create table links (id uuid primary key, from_crew uuid not null references crews);
      alter table crew_members enable row level security; alter table plans enable row level security;
      alter table tasks enable row level security; create policy p on tasks using (crew_id in (${joined}));
      alter table bills enable row level security; alter table holds enable row level security;
      create policy p on crew_members using (crew_id in (${joined})); create policy p on plans using (crew_id in (${joined}));
      create policy p on bills using (crew in (${joined})); create policy p on holds using (crew in (select holds.crew from crew_members));
      grant select on crew_members, plans, bills, holds, links to app_user`)
    try {
      const { model } = inferModel(await readCatalog(at.database.admin, { schemas: 'all' }))
      expect(model.tenantKey).toMatchObject({
        column: 'crew_id',
        columnByTable: { 'public.bills': 'crew', 'public.holds': 'crew' },
      })
      expect(Object.keys(model.tenantKey.columnByTable)).not.toContain('public.links')
    } finally {
      await at.database.drop()
    }
  })

  it('knows the user of several membership tables for no tenant', async () => {
    const person = `nullif(current_setting('app.person', true), '')::uuid`
    const members = (name: string): string => `
      create table ${name} (person uuid, account text, primary key (person, account));
      alter table ${name} enable row level security; grant select on ${name} to app_user;
      create policy own on ${name} for select using (person = ${person});`
    const at = await caseDatabase(`${members('staff')} ${members('guests')}
      create table bills (id int primary key, account text not null);
      alter table bills enable row level security; grant select on bills to app_user;
      create policy staff on bills using (account in (select s.account from staff s where s.person = ${person}));
      create policy guests on bills using (account in (select g.account from guests g where g.person = ${person}))`)
    try {
      const { model } = inferModel(await readCatalog(at.database.admin, { schemas: 'all' }))
      expect(model.tenantKey.column).toBe('account')
      expect(model.context).toMatchObject({ kind: 'membership', user: { guc: 'app.person' } })
    } finally {
      await at.database.drop()
    }
  })

  it('takes no role that a policy looks up by its key for a tenant', async () => {
    const holds = (
      title: string,
    ): string => `exists (select from holdings h join titles t on t.id = h.title_id
      where h.person = current_setting('app.person', true)::uuid and t.name = '${title}')`
    const at = await caseDatabase(`
      create table titles (id uuid primary key, name text);
      create table holdings (person uuid, title_id uuid references titles, primary key (person, title_id));
      create table ledgers (id int primary key, person uuid, body text);
      create table tariffs (id uuid primary key, price int);
      alter table ledgers enable row level security; alter table tariffs enable row level security;
      create policy own on ledgers using (person = current_setting('app.person', true)::uuid);
      create policy staff on ledgers for delete using (${holds('clerk')});
      create policy staff on tariffs for update using (${holds('clerk')});
      grant select, delete on ledgers to app_user; grant select, update on tariffs to app_user;`)
    try {
      const { model } = inferModel(await readCatalog(at.database.admin, { schemas: 'all' }))
      expect(model.tenantKey.column).toBe('person')
      expect(model.context).toMatchObject({ kind: 'guc', tenant: 'app.person' })
    } finally {
      await at.database.drop()
    }
  })

  it.each([
    [
      'may only call functions',
      'revoke execute on function bill_count() from public; grant execute on function bill_count() to app_user',
    ],
    ['may only make objects', 'grant create on schema public to app_user'],
    ['is named by a policy', 'create policy own on bills to app_user using (account_id is null)'],
    [
      'will hold rights on tables that are made later',
      'alter default privileges in schema public grant select on tables to app_user',
    ],
  ])('knows a role that %s', async (_what, grant) => {
    const at = await caseDatabase(`
      create table bills (id int primary key, account_id uuid not null);
      create function bill_count() returns bigint language sql stable security definer
        set search_path = pg_catalog, pg_temp as 'select count(*) from public.bills'; ${grant}`)
    try {
      const { model } = inferModel(await readCatalog(at.database.admin, { schemas: 'all' }))
      expect(model.roles).toMatchObject({ app: at.role('app_user') })
    } finally {
      await at.database.drop()
    }
  })

  it('tries a role that may call functions beside the one that works on tables', async () => {
    const at = await caseDatabase(`
      create table bills (id int primary key, account_id uuid not null);
      alter table bills enable row level security; grant select, insert on bills to app_user;
      create function bill_count() returns bigint language sql stable as 'select 1::bigint';
      revoke execute on function bill_count() from public; grant execute on function bill_count() to anon_user`)
    try {
      const { model } = inferModel(await readCatalog(at.database.admin, { schemas: 'all' }))
      expect(model.roles).toMatchObject({ app: at.role('app_user'), worker: at.role('anon_user') })
    } finally {
      await at.database.drop()
    }
  })

  it('takes the owner of the tables where nobody else has to do with them, and binds it to nothing', async () => {
    const at = await caseDatabase(`
      alter role app_user nologin;
      create table bills (id int primary key, account_id uuid not null); alter table bills owner to app_user;
      alter table bills enable row level security;
      create policy own on bills using (account_id = nullif(current_setting('app.account', true), '')::uuid)`)
    try {
      const { admin } = at.database
      const { model, inferred } = inferModel(await readCatalog(admin, { schemas: 'all' }))
      expect(model.roles).toMatchObject({ app: at.role('app_user') })
      const result = await check(admin, { model, inferred, live: true, now: () => new Date() })
      expect(result.findings).toContainEqual(
        expect.objectContaining({ rule: 'rls-not-forced', severity: 'error' }),
      )
    } finally {
      await at.database.drop()
    }
  })

  it.each([
    ['tables', 'grant select on bills to public'],
    [
      'functions with the rights of their owner',
      `create function bill_count() returns bigint language sql stable security definer
        set search_path = pg_catalog, pg_temp as 'select count(*) from public.bills'`,
    ],
  ])(
    'takes some role that policies bind where %s are open to everybody',
    async (_what, opening) => {
      const at = await caseDatabase(`
      create table bills (id int primary key, account_id uuid not null); ${opening}`)
      try {
        const catalog = await readCatalog(at.database.admin, { schemas: 'all' })
        const { app } = inferModel(catalog).model.roles
        const role = catalog.roles.find(({ name }) => name === app)
        expect(role).toMatchObject({ superuser: false, bypassRls: false })
      } finally {
        await at.database.drop()
      }
    },
  )

  it('takes the shared foreign key for the tenant where nothing is protected, and finds that out', async () => {
    const at = await caseDatabase(
      tables.replaceAll(/alter table \w+ enable row level security;/g, ''),
    )
    try {
      const { admin } = at.database
      const { model, inferred } = inferModel(await readCatalog(admin, { schemas: 'all' }))
      expect(model.tenantKey.column).toBe('account_id')
      expect(inferred).toContain('context: none found')
      const result = await check(admin, { model, inferred, live: true, now: () => new Date() })
      expect(result.summary.leak).toBeGreaterThan(0)
    } finally {
      await at.database.drop()
    }
  })

  it('never says that a table holds which it could not classify', async () => {
    const at = await caseDatabase('create table loose (id int); grant select on loose to app_user')
    try {
      const { admin } = at.database
      const { model, inferred } = inferModel(await readCatalog(admin, { schemas: 'all' }))
      const result = await check(admin, { model, inferred, live: true, now: () => new Date() })
      expect(result.summary).toMatchObject({ proven: 0, unknown: 1 })
    } finally {
      await at.database.drop()
    }
  })
})
