import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../../../../test/database.js'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { Sql } from './index.js'
import {
  byteLength,
  ident,
  integer,
  joinSql,
  literal,
  maxIdentifierBytes,
  qualifiedName,
  quoteIdentifier,
  reservedWords,
  sql,
} from './index.js'

const hostileNames = [
  'orders',
  'Orders',
  'ORDERS',
  'order',
  'select',
  'user',
  'table',
  'public',
  'none',
  'current_user',
  'merge_action',
  'a b',
  ' lead',
  'trail ',
  'a.b',
  'a"b',
  '"',
  '""',
  '"; drop table secrets; --',
  "a'b",
  "'; drop table secrets; --",
  'a\\b',
  '\\"',
  'U&"\\0041"',
  '$$',
  '$1',
  '%I',
  '%s',
  '--',
  '/*',
  '*/',
  ';',
  '\n',
  '\t',
  '\r\n',
  '\u0001',
  '\u007f',
  '\u00a0',
  '\u200b',
  '\u202e',
  '\ufeff',
  '1st',
  '_x',
  '$x',
  'x$',
  'ä',
  'e\u0301',
  'ſelect',
  'İ',
  '日本語',
  '🐘',
  '__proto__',
  'constructor',
  'x'.repeat(63),
  '"'.repeat(63),
  'ü'.repeat(31),
  '🐘'.repeat(15),
]

const hostileValues = [
  ...hostileNames,
  '',
  "''",
  "\\'",
  "\\\\'",
  "\\'; select 1; --",
  "E'\\x41'",
  '\\n',
  '\\u0041',
  '\\',
  "'".repeat(100),
  '\\'.repeat(101),
]

const anyText = fc
  .oneof(
    fc.constantFrom(...hostileValues),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: fc.constantFrom('"', "'", '\\', '$', '-', '\n', 'a', 'ü', '🐘') }),
  )
  .filter((value) => !/[\0\p{Cs}]/u.test(value))

const anyName = anyText.filter((name) => name !== '' && byteLength(name) <= maxIdentifierBytes)

/** What this server's quote_ident() made; quoted too when only another version reserves the word. */
function alsoQuotedElsewhere(name: string, quoted: unknown): unknown {
  return quoted === name && reservedWords.has(name) ? `"${name}"` : quoted
}

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createTestDatabase({ major })
    // Without the schema public, so that a schema of that name can be made like any other.
    await database.admin.query(
      `drop schema public;
       create schema vault;
       set search_path to vault;
       create table secrets (id int);
       insert into secrets values (1)`,
    )
  })
  afterAll(async () => {
    await database.drop()
  })

  async function only(statement: string, values: unknown[] = []): Promise<Record<string, unknown>> {
    const { rows } = await database.admin.query<Record<string, unknown>>(statement, values)
    expect(rows).toHaveLength(1)
    return rows[0] ?? {}
  }

  it.each(hostileNames)(
    'the name %j is quoted as quote_ident() does and names that table',
    async (name) => {
      const quoted = await only('select quote_ident($1) as name', [name])
      expect(ident(name).text).toBe(alsoQuotedElsewhere(name, quoted['name']))

      const table = qualifiedName(name, name)
      await database.admin.query(sql`create schema ${ident(name)}`.text)
      await database.admin.query(sql`create table ${table} (${ident(name)} text)`.text)
      await database.admin.query(sql`insert into ${table} values (${literal(name)})`.text)
      expect(await only(sql`select ${ident(name)} from ${table} as ${ident(name)}`.text)).toEqual(
        Object.fromEntries([[name, name]]),
      )
      expect(
        await only(
          `select n.nspname as schema, c.relname as table, a.attname as column
           from pg_catalog.pg_class c
           join pg_catalog.pg_namespace n on n.oid = c.relnamespace
           join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = 1
          where c.oid = $1::regclass`,
          [table.text],
        ),
      ).toEqual({ schema: name, table: name, column: name })
      await database.admin.query(sql`drop schema ${ident(name)} cascade`.text)
      expect(await only('select count(*)::int as count from secrets')).toEqual({ count: 1 })
    },
  )

  it('the same names unquoted name other tables, break the statement or run code', async () => {
    const raw = (name: string): string => ['create table ', name, ' (id int)'].join('')
    const namesThatTable = async (name: string): Promise<boolean> => {
      try {
        await database.admin.query(raw(name))
        const { rowCount } = await database.admin.query(
          'select from pg_catalog.pg_class where relname = $1',
          [name],
        )
        return rowCount === 1
      } catch {
        return false
      }
    }
    for (const name of ['Folded', 'order', 'a b', '"; drop table secrets; --']) {
      expect(await namesThatTable(name)).toBe(false)
    }
    await database.admin.query('create table target (id int)')
    await database.admin.query(raw('x (id int); drop table target; create table y'))
    expect(await only("select to_regclass('target') as gone")).toEqual({ gone: null })
  })

  it.each(['on', 'off'])(
    'a literal is the value it was made from, with standard_conforming_strings %s',
    async (setting) => {
      const settingName = 'standard_conforming_strings'
      await database.admin.query('select set_config($1, $2, false)', [settingName, setting])
      await fc.assert(
        fc.asyncProperty(anyText, async (value) => {
          expect(await only(sql`select ${literal(value)} as value`.text)).toEqual({ value })
        }),
        { numRuns: 150 },
      )
      for (const value of hostileValues) {
        expect(await only(sql`select ${literal(value)} as value`.text)).toEqual({ value })
      }
      await database.admin.query('reset standard_conforming_strings')
    },
  )

  it('any name is quoted as quote_ident() does and comes back as a column name', async () => {
    await fc.assert(
      fc.asyncProperty(anyName, async (name) => {
        const row = await only(sql`select quote_ident(${literal(name)}) as ${ident(name)}`.text)
        expect(Object.keys(row)).toEqual([name])
        expect(ident(name).text).toBe(alsoQuotedElsewhere(name, row[name]))
      }),
      { numRuns: 300 },
    )
  })

  it('every word that this server quotes is a reserved word', async () => {
    const { rows } = await database.admin.query<{ word: string }>(
      "select word from pg_catalog.pg_get_keywords() where catcode <> 'U' order by word",
    )
    expect(rows.length).toBeGreaterThan(100)
    expect(rows.map(({ word }) => word).filter((word) => !reservedWords.has(word))).toEqual([])
  })
})

it('no reserved word is one that none of the servers quotes', async () => {
  const quoted = new Set<string>()
  for (const major of serverMajors) {
    const database = await createTestDatabase({ major })
    const { rows } = await database.admin.query<{ word: string }>(
      "select word from pg_catalog.pg_get_keywords() where catcode <> 'U'",
    )
    for (const { word } of rows) quoted.add(word)
    await database.drop()
  }
  const superfluous = [...reservedWords].filter((word) => !quoted.has(word))
  // With one server, words of the other versions are in the list but not on that server.
  expect(serverMajors.length === 4 ? superfluous : []).toEqual([])
})

describe('a name is refused', () => {
  it.each([
    ['that is empty', ''],
    ['with a NUL, which would end it', 'a\0b'],
    ['that PostgreSQL would cut', 'x'.repeat(64)],
    ['that PostgreSQL would cut, counted in bytes', 'ü'.repeat(32)],
    ['with half a surrogate pair, which is sent as another character', 'a\ud83d'],
  ])('%s', (_title, name) => {
    const refusal = expect.objectContaining({ name: 'WatertightError', code: 'INVALID_IDENTIFIER' })
    expect(() => quoteIdentifier(name)).toThrow(refusal)
    expect(() => ident(name)).toThrow(refusal)
    expect(() => qualifiedName('a', name)).toThrow(refusal)
    expect(() => qualifiedName(name, 'a')).toThrow(refusal)
  })
})

describe('fragments', () => {
  it('refuse a string that PostgreSQL cannot hold', () => {
    expect(() => literal('a\0')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })

  it.each([1.5, Number.NaN, Infinity, 2 ** 53])('refuse %d as an integer', (value) => {
    expect(() => integer(value)).toThrow(RangeError)
  })

  it('are joined as they are and cannot be changed', () => {
    const list = joinSql([ident('a'), ident('B'), integer(-3)])
    expect(list.text).toBe('a, "B", -3')
    expect(Object.isFrozen(list)).toBe(true)
    expect(() => Object.assign(list as { text: string }, { text: 'x' })).toThrow(TypeError)
  })

  it('do not type-check with a plain string as part', () => {
    const name: string = 'x; drop table y'
    // @ts-expect-error a string is no Sql
    const made: Sql = sql`select * from ${name}`
    expect(made.text).not.toContain('drop')
  })
})
