import { readCatalog } from 'watertight/catalog'
import type pg from 'pg'
import { expect, it } from 'vitest'
import { caseDatabase } from '../../test/readme-cases.js'
import { lintInput } from './lint-input.js'
import { runLint } from './run-lint.js'

const mine = `tenant_id = current_setting('app.tenant_id', true)`
const notes = `create table notes (id uuid primary key, tenant_id text not null, body text);
  alter table notes enable row level security; alter table notes force row level security;
  grant select, insert, update, delete on notes to app_user;
  insert into notes values ('00000000-0000-0000-0000-00000000000a', 'a', '1'), ('00000000-0000-0000-0000-00000000000b', 'b', 'secret');`
const policy = `create policy mine on notes to app_user using (${mine}) with check (${mine});`
const sound = notes + policy

/** The application's role under the context of tenant a. */
type Probe = (app: pg.Client) => Promise<void>

async function refused(run: Promise<unknown>, because: RegExp): Promise<void> {
  await expect(run).rejects.toThrow(because)
}

async function rows(app: pg.Client, text: string): Promise<readonly unknown[]> {
  return (await app.query({ text, rowMode: 'array' })).rows
}

const safe: readonly (readonly [string, string, Probe])[] = [
  [
    'a trigger function that runs as the invoker',
    `${sound} create table log (id uuid primary key default gen_random_uuid(), tenant_id text not null, body text);
      alter table log enable row level security; alter table log force row level security;
      create policy mine on log to app_user using (${mine}) with check (${mine});
      grant insert, select on log to app_user;
      create function note_log() returns trigger language plpgsql as $$
        begin insert into log (tenant_id, body) values ('b', new.body); return new; end $$;
      create trigger log after insert on notes for each row execute function note_log()`,
    (app) =>
      refused(
        app.query(`insert into notes values (gen_random_uuid(), 'a', 'x')`),
        /row-level security/,
      ),
  ],
  [
    'an UPDATE policy without WITH CHECK, where USING serves',
    `${notes} create policy see on notes for select to app_user using (${mine});
      create policy change on notes for update to app_user using (${mine});
      create policy add on notes for insert to app_user with check (${mine});
      create policy remove on notes for delete to app_user using (${mine})`,
    (app) => refused(app.query(`update notes set tenant_id = 'b'`), /row-level security/),
  ],
  [
    'SELECT FOR UPDATE, which asks the UPDATE policy too',
    `${notes} create policy see on notes for select to app_user using (${mine});
      create policy change on notes for update to app_user using (${mine} and body <> '1');
      create policy add on notes for insert to app_user with check (${mine});
      create policy remove on notes for delete to app_user using (${mine})`,
    async (app) => expect(await rows(app, 'select body from notes for update')).toEqual([]),
  ],
  [
    'COPY TO, which shows own rows, and COPY FROM, which is refused',
    sound,
    (app) => refused(app.query('copy notes from stdin'), /row-level security/),
  ],
  [
    'a leaky function in a query over policies',
    `${sound} create function tell(text) returns boolean language plpgsql cost 0.0001 as
      $$ begin raise exception 'seen %', $1; end $$`,
    (app) => refused(app.query(`select from notes where tell(body)`), /seen 1/),
  ],
  [
    'a leaky function in a query over a view that runs as its invoker',
    `${sound} create view shown with (security_invoker = true) as select * from notes; grant select on shown to app_user;
      create function tell(text) returns boolean language plpgsql cost 0.0001 as
      $$ begin raise exception 'seen %', $1; end $$`,
    (app) => refused(app.query('select from shown where tell(body)'), /seen 1/),
  ],
  [
    'a STABLE helper in a prepared statement',
    `${notes} create function tenant() returns text language sql stable as $$ select current_setting('app.tenant_id', true) $$;
      create policy mine on notes to app_user using (tenant_id = tenant()) with check (tenant_id = tenant())`,
    async (app) => {
      await app.query(
        `set plan_cache_mode = force_generic_plan; prepare q as select tenant_id from notes`,
      )
      expect(await rows(app, 'execute q')).toEqual([['a']])
      await app.query(`set app.tenant_id = 'b'`)
      expect(await rows(app, 'execute q')).toEqual([['b']])
    },
  ],
  [
    'pg_stats over hidden rows',
    `${sound} analyze notes`,
    async (app) =>
      expect(await rows(app, `select attname from pg_stats where tablename = 'notes'`)).toEqual([]),
  ],
  [
    'a BEFORE trigger that rewrites the tenant, which WITH CHECK catches',
    `${sound} create function rewrite() returns trigger language plpgsql as
        $$ begin new.tenant_id := 'b'; return new; end $$;
      create trigger rewrite before insert on notes for each row execute function rewrite()`,
    (app) =>
      refused(
        app.query(`insert into notes values (gen_random_uuid(), 'a', 'x')`),
        /row-level security/,
      ),
  ],
  [
    'the DETAIL of a unique violation, which is suppressed',
    sound,
    async (app) => {
      const clash = app.query(
        `insert into notes values ('00000000-0000-0000-0000-00000000000b', 'a', 'x')`,
      )
      await expect(clash).rejects.toMatchObject({ code: '23505', detail: undefined })
    },
  ],
]

it.each(safe)('no rule speaks of %s, and it is safe on the server', async (_name, text, probe) => {
  const at = await caseDatabase(text)
  try {
    const catalog = await readCatalog(at.database.admin, { schemas: 'all' })
    const findings = await runLint(lintInput(at.model, catalog, new Date()))
    // The version is a fact about the server that the tests run on, not about the schema.
    const loud = findings.filter(
      ({ severity, rule }) => severity !== 'info' && rule !== 'server-version',
    )
    expect(loud.map(({ key }) => key)).toEqual([])
    const app = await at.database.connect(at.role('app_user'))
    await app.query(`set app.tenant_id = 'a'`)
    await probe(app)
  } finally {
    await at.database.drop()
  }
})
