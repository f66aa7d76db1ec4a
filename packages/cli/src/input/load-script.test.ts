import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { createScreen } from '../terminal/screen.js'
import { loadScript } from './load-script.js'
import { readSource } from './read-source.js'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watertight-source-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

let database: TestDatabase
let notes: string[]

beforeEach(async () => {
  database = await createTestDatabase()
  notes = []
})

afterEach(() => database.drop())

/** Loads what an operand names into the test's database. */
async function load(operand: string, stdin = ''): Promise<void> {
  const screen = createScreen({ write: () => undefined }, {})
  const source = await readSource(operand, {
    cwd: folder,
    variables: {},
    stdin: Readable.from([stdin]),
    out: screen,
    err: screen,
    signal: new AbortController().signal,
  })
  if (source.kind === 'url') throw new Error('not a script')
  const client = await database.connect()
  for (const script of source.scripts) {
    await loadScript(client, script, {
      skipsStrayRows: true,
      onNote: (note) => notes.push(note),
      refuseIfAborted: () => undefined,
    })
  }
}

async function rowsOf(operand: string, query: string, stdin?: string): Promise<unknown[]> {
  await load(operand, stdin)
  return (await database.admin.query(query)).rows
}

const dumpFor = (prefix: string): string => `
-- Dumped from database version 18.0
\\restrict 4XyZ
SET statement_timeout = 0;
SET setting_of_a_later_version = 0;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE DATABASE acme;
\\connect acme
CREATE TABLE public.notes (id integer NOT NULL, body text);
ALTER TABLE public.notes OWNER TO ${prefix}_owner;
COPY public.notes (id, body) FROM stdin;
1	it's; a note
2	\\N
\\.
BEGIN;
CREATE TABLE public.more (id integer);
GRANT SELECT ON public.more TO ${prefix}_app, ${prefix}_auditor;
COMMIT;
\\unrestrict 4XyZ
`

describe('loading scripts', () => {
  it('loads a dump as psql would: rows, missing roles, commands of psql', async () => {
    const prefix = database.rolePrefix
    await writeFile(join(folder, 'dump.sql'), dumpFor(prefix))
    const rows = await rowsOf(
      'dump.sql',
      `select id, body, tableowner, has_table_privilege('${prefix}_app', 'public.more', 'SELECT') as granted
       from public.notes, pg_tables where tablename = 'notes' order by id`,
    )
    expect(rows).toEqual([
      { id: 1, body: "it's; a note", tableowner: `${prefix}_owner`, granted: true },
      { id: 2, body: null, tableowner: `${prefix}_owner`, granted: true },
    ])
    expect(notes).toEqual([
      'left out: SET setting_of_a_later_version, which this version does not know',
      'left out: CREATE DATABASE',
      ...['owner', 'app', 'auditor'].map(
        (role) =>
          `created role ${prefix}_${role} (NOLOGIN), which the script names and does not create`,
      ),
    ])
  })

  it.each([
    ['a plain name', 'shop_production'],
    ['a quoted name with what SQL is made of', '"to ""shop"" from"'],
    ['several names', 'shop, "Shop"'],
  ])(
    'takes what is granted on the database of the script, by %s, for its own',
    async (_what, names) => {
      const [app, other] = [`${database.rolePrefix}_app`, `${database.rolePrefix}_other`]
      await writeFile(
        join(folder, 'grants.sql'),
        `comment on database shop is 'of a shop'; create role ${app}; begin;
       revoke all on database ${names} from public; grant connect, temporary
         On Database ${names} to ${app}, ${other}; commit;`,
      )
      const rows = await rowsOf(
        'grants.sql',
        `select r, has_database_privilege(r, current_database(), 'TEMPORARY') as granted,
         has_database_privilege('pg_monitor', current_database(), 'TEMPORARY') as open
       from unnest(array['${app}', '${other}']) r`,
      )
      expect(rows).toEqual([
        { r: app, granted: true, open: false },
        { r: other, granted: true, open: false },
      ])
      expect(new Set(notes)).toEqual(
        new Set([
          'left out: COMMENT ON DATABASE',
          `REVOKE ON DATABASE ${names} was done on the database that the script was loaded into`,
          `GRANT ON DATABASE ${names} was done on the database that the script was loaded into`,
          `created role ${other} (NOLOGIN), which the script names and does not create`,
        ]),
      )
    },
  )

  it.each([
    ['by themselves', '', ''],
    ['in a transaction of the script', 'begin;', 'commit;'],
  ])('passes over rows that refer to rows which no script makes, %s', async (_what, begin, end) => {
    await writeFile(
      join(folder, 'repairs.sql'),
      `create table orgs (id int primary key, slug text);
       create table notes (org_id int not null references orgs, body text);
       insert into orgs values (1, 'one'); ${begin}
       insert into notes values (7, 'of an org that only production has');
       insert into notes values ((select id from orgs where slug = 'seven'), 'of it too');
       insert into notes values (1, 'kept');
       update notes set org_id = 8; ${end}
       do $$ begin
         update orgs set slug = 'eight' where slug = 'seven';
         if not found then raise exception 'the org that is copied was not found'; end if;
       end $$;
       alter table notes enable row level security;`,
    )
    const rows = await rowsOf(
      'repairs.sql',
      `select org_id, body, relrowsecurity as bound from notes, pg_class where oid = 'notes'::regclass`,
    )
    expect(rows).toEqual([{ org_id: 1, body: 'kept', bound: true }])
    expect(new Set(notes)).toEqual(
      new Set([
        'left out: rows of public.notes that refer to rows which no script makes',
        'left out: a DO block about rows alone, which ended with "the org that is copied was not found"',
      ]),
    )
  })

  it('loads a folder in the order of its numbers, without the reverse migrations', async () => {
    const migrations = join(folder, 'migrations')
    await mkdir(join(migrations, '20_prisma'), { recursive: true })
    await writeFile(join(migrations, '2_b.sql'), 'alter table a add column second int;')
    await writeFile(join(migrations, '10_c.up.sql'), 'alter table a add column third int;')
    await writeFile(join(migrations, '10_c.down.sql'), 'drop table a;')
    await writeFile(join(migrations, '1_a.sql'), 'create table a (first int);')
    await writeFile(
      join(migrations, '11_goose.sql'),
      '-- +goose Up\nalter table a add column fourth int;\n-- +goose Down\ndrop table a;\n',
    )
    await writeFile(
      join(migrations, '20_prisma/migration.sql'),
      'alter table a add column fifth int;',
    )
    const rows = await rowsOf(
      'migrations',
      "select string_agg(column_name, ' ' order by ordinal_position) from information_schema.columns where table_name = 'a'",
    )
    expect(rows).toEqual([{ string_agg: 'first second third fourth fifth' }])
  })

  it('loads days and times in the order that the tools which name files so run them', async () => {
    const dated = join(folder, 'dated')
    await mkdir(dated)
    const order = [
      '2_before_dates',
      '20240115093000_time',
      '20240116_day',
      '20241224-day',
      '20241224101500123_milliseconds',
      '20241224101500_time',
      '20241225_day',
      '20250101000000_time',
    ]
    for (const [at, name] of order.entries()) {
      const text =
        at === 0 ? 'create table seen (name text)' : `insert into seen values ('${name}')`
      await writeFile(join(dated, `${name}.sql`), text)
    }
    const rows = await rowsOf('dated', 'select array_agg(name order by ctid) as names from seen')
    expect(rows).toEqual([{ names: order.slice(1) }])
  })

  it('reads stdin, gzip and UTF-16', async () => {
    expect(await rowsOf('-', 'select * from t', 'create table t as select 1 as x')).toEqual([
      { x: 1 },
    ])
    await writeFile(join(folder, 'zipped.sql.gz'), gzipSync('create table u as select 2 as x'))
    expect(await rowsOf('zipped.sql.gz', 'select * from u')).toEqual([{ x: 2 }])
    const wide = Buffer.from('\ufeffcreate table v as select 3 as x', 'utf16le')
    await writeFile(join(folder, 'wide.sql'), wide)
    expect(await rowsOf('wide.sql', 'select * from v')).toEqual([{ x: 3 }])
  })

  it.each([
    [
      'a block that makes more than rows',
      "create table t (id int);\ndo $$ begin create table u (); raise exception 'no' ; end $$",
      ':2:1: no',
    ],
    [
      'a block that runs text',
      "create table t (id int);\ndo $$ begin execute 'create table u ()'; raise exception 'no'; end $$",
      ':2:1: no',
    ],
    [
      'a row without what it needs',
      'create table t (id int not null);\ninsert into t values (null);',
      ':2:1: null value',
    ],
    ['a row that does not fit', 'create table t (id int);\ncopy t from stdin;\nx\n\\.\n', ':2:1: '],
    ['characters outside the basic plane', "select '🦭', nonsense;", ':1:13: '],
    ['a command of psql that matters', 'create table t (id int);\n\\copy t from x', ':2:1: \\copy'],
    ['an extension that is not there', 'create extension no_such_extension;', ':1:1: '],
  ])('names file, line and column of %s', async (_what, script, place) => {
    await writeFile(join(folder, 'faulty.sql'), script)
    const failing = rowsOf('faulty.sql', 'select 1')
    await expect(failing).rejects.toMatchObject({ code: 'LOAD_FAILED' })
    await expect(failing).rejects.toThrow(`faulty.sql${place}`)
  })

  it('ends statements of Liquibase at the marks of its change sets', async () => {
    const script = `-- liquibase formatted sql

-- changeset ada:1
create table steps (id int)
--changeset ada:2 splitStatements:false
create function one() returns int language sql as $$ select 1; $$
-- rollback drop function one;
-- changeset ada:3
comment on table steps is 'of -- changeset'`
    const text = `select one() as one, obj_description('steps'::regclass) as comment`
    expect(await rowsOf('-', text, script)).toEqual([{ one: 1, comment: 'of -- changeset' }])
  })

  it('has the table ready in which a tool keeps the migrations that it ran, and no other', async () => {
    const script = `create table steps (id int); begin; create index on steps (id);
      alter table schema_migrations enable row level security; commit`
    const text = `select relrowsecurity as row_security from pg_class where relname = 'schema_migrations'`
    expect(await rowsOf('-', text, script)).toEqual([{ row_security: true }])
    expect(notes).toContain(
      'created table schema_migrations, in which a tool keeps the migrations that it ran',
    )
    await expect(load('-', 'alter table steps_kept enable row level security')).rejects.toThrow(
      'relation "steps_kept" does not exist',
    )
  })

  it('gives up where such a table is not found though it was made', async () => {
    const script = `set search_path = ''; alter table goose_db_version enable row level security`
    await expect(load('-', script)).rejects.toThrow(
      'stdin:1:23: relation "goose_db_version" does not exist',
    )
  })

  it('says what a name after a colon is', async () => {
    await expect(load('-', 'create role reader password :secret')).rejects.toMatchObject({
      message: expect.stringContaining('stdin:1:29: syntax error'),
      hint: expect.stringContaining('a variable of psql'),
    })
    await expect(load('-', 'select : from x')).rejects.toMatchObject({
      hint: 'Mend the script; it was loaded into a local PostgreSQL only.',
    })
  })

  it('says of a function that the platform would have that a local server lacks it', async () => {
    await writeFile(join(folder, 'hosted.sql'), 'create view v as select auth_uid();')
    await expect(rowsOf('hosted.sql', 'select 1')).rejects.toMatchObject({
      code: 'LOAD_FAILED',
      hint: expect.stringContaining('give the URL of your server'),
    })
  })
})
