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
