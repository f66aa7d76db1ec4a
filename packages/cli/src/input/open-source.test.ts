import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CommandEnvironment } from '../command-environment.js'
import { Readable } from 'node:stream'
import { createScreen } from '../terminal/screen.js'
import { withSource } from './open-source.js'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watertight-source-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

let said = ''

function environment(stdin = ''): CommandEnvironment {
  said = ''
  const variables = {}
  return {
    cwd: folder,
    variables,
    stdin: Readable.from([stdin]),
    out: createScreen({ write: () => undefined }, variables),
    err: createScreen({ write: (text) => (said += text) }, variables),
    signal: new AbortController().signal,
  }
}

const rowsOf = (operand: string, query: string, stdin?: string): Promise<unknown[]> =>
  withSource({ operands: [operand] }, environment(stdin), async ({ db }) => {
    return (await db.query(query)).rows
  })

const dump = `
-- Dumped from database version 18.0
\\restrict 4XyZ
SET statement_timeout = 0;
SET setting_of_a_later_version = 0;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE DATABASE acme;
\\connect acme
CREATE TABLE public.notes (id integer NOT NULL, body text);
ALTER TABLE public.notes OWNER TO acme_owner;
COPY public.notes (id, body) FROM stdin;
1	it's; a note
2	\\N
\\.
BEGIN;
CREATE TABLE public.more (id integer);
GRANT SELECT ON public.more TO acme_app, acme_auditor;
COMMIT;
\\unrestrict 4XyZ
`

describe('loading scripts', () => {
  it('loads a dump as psql would: rows, missing roles, commands of psql', async () => {
    await writeFile(join(folder, 'dump.sql'), dump)
    const rows = await rowsOf(
      'dump.sql',
      `select id, body, tableowner, has_table_privilege('acme_app', 'public.more', 'SELECT') as granted
       from public.notes, pg_tables where tablename = 'notes' order by id`,
    )
    expect(rows).toEqual([
      { id: 1, body: "it's; a note", tableowner: 'acme_owner', granted: true },
      { id: 2, body: null, tableowner: 'acme_owner', granted: true },
    ])
    expect(said).toContain('created role acme_owner (NOLOGIN)')
    expect(said).toContain('created role acme_auditor (NOLOGIN)')
    expect(said).toContain('left out: SET setting_of_a_later_version')
    expect(said).toContain('left out: CREATE DATABASE')
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

  it('reads stdin, gzip and UTF-16', async () => {
    expect(await rowsOf('-', 'select * from t', 'create table t as select 1 as x')).toEqual([
      { x: 1 },
    ])
    await writeFile(join(folder, 'zipped.sql.gz'), gzipSync('create table t as select 2 as x'))
    expect(await rowsOf('zipped.sql.gz', 'select * from t')).toEqual([{ x: 2 }])
    const wide = Buffer.from('\ufeffcreate table t as select 3 as x', 'utf16le')
    await writeFile(join(folder, 'wide.sql'), wide)
    expect(await rowsOf('wide.sql', 'select * from t')).toEqual([{ x: 3 }])
  })

  it.each([
    ['a row that does not fit', 'create table t (id int);\ncopy t from stdin;\nx\n\\.\n', ':2:1: '],
    ['characters outside the basic plane', "select '🦭', nonsense;", ':1:13: '],
    ['a command of psql that matters', 'create table t (id int);\n\\copy t from x', ':2:1: \\copy'],
    ['an extension that is not there', 'create extension no_such_extension;', 'another'],
  ])('names file, line and column of %s', async (_what, script, place) => {
    await writeFile(join(folder, 'faulty.sql'), script)
    const failing = rowsOf('faulty.sql', 'select 1')
    await expect(failing).rejects.toMatchObject({ code: 'LOAD_FAILED' })
    if (place !== 'another') await expect(failing).rejects.toThrow(`faulty.sql${place}`)
  })
})
