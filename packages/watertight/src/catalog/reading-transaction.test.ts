import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { quoteIdentifier } from '../sql/index.js'
import type { Queryable } from '../sql/index.js'
import { catalogHash } from './catalog-hash.js'
import { diffSnapshots } from './diff-snapshots.js'
import { readCatalog } from './read-catalog.js'
import type { CatalogSnapshot } from './snapshot.js'

const all = { schemas: 'all' } as const
const hostile = `Ünï "x'; drop table y;--`
const longest = 'ä'.repeat(31) + 'z'

interface Roles {
  readonly owner: string
  readonly app: string
  readonly reader: string
}

function roleNames({ rolePrefix }: TestDatabase): Roles {
  return { owner: `${rolePrefix}_owner`, app: `${rolePrefix}_App "x"`, reader: `${rolePrefix}_r` }
}

/** Runs a file of `fixtures/` with the names of this run in place of its words after a colon. */
async function runFixture(file: string, database: TestDatabase, roles: Roles): Promise<void> {
  const names = { ...roles, database: database.name, hostile, longest }
  let text = await readFile(new URL(`fixtures/${file}`, import.meta.url), 'utf8')
  for (const [word, name] of Object.entries(names)) {
    text = text.replaceAll(`:${word}`, () => quoteIdentifier(name))
  }
  await database.admin.query(text)
}

describe.each(serverMajors)('reading the catalog of PostgreSQL %i', (major) => {
  let database: TestDatabase
  let twin: TestDatabase
  let roles: Roles
  let snapshot: CatalogSnapshot

  beforeAll(async () => {
    database = await createTestDatabase({ major })
    twin = await createTestDatabase({ major })
    roles = roleNames(database)
    await runFixture('roles.sql', database, roles)
    await runFixture('objects.sql', database, roles)
    await runFixture('objects.sql', twin, roles)
    // A session keeps the defaults it began with, and objects.sql changes those.
    snapshot = await readCatalog(await database.connect(), all)
  })
  afterAll(async () => {
    await twin?.drop()
    await database?.drop()
  })

  test('is equal for two databases made by the same statements', async () => {
    const other = await readCatalog(twin.admin, all)
    const { server: _one, settingDefaults: _a, roles: _r, memberships: _m, ...mine } = snapshot
    const { server: _two, settingDefaults: _b, roles: _s, memberships: _n, ...theirs } = other
    expect(theirs).toEqual(mine)
    expect(diffSnapshots(snapshot, other)).toEqual([])
    expect(catalogHash(other)).toBe(catalogHash(snapshot))
  })

  test('does not depend on what the session has set', async () => {
    const client = await database.connect()
    await client.query(`set search_path to core, public; set quote_all_identifiers to on;
      set timezone to 'Asia/Tokyo'; set datestyle to 'SQL, DMY'; set standard_conforming_strings to off;
      create temporary table orders (id int); create temporary table pg_class (relname int)`)
    const other = await readCatalog(client, all)
    expect(diffSnapshots(snapshot, other)).toEqual([])
    expect(other.server).toEqual(snapshot.server)
    const { rows } = await client.query(
      `select current_setting('search_path') as path, current_setting('timezone') as zone`,
    )
    expect(rows).toEqual([{ path: 'core, public', zone: 'Asia/Tokyo' }])
  })

  test('needs no right to read a table', async () => {
    const restricted = await readCatalog(await database.connect(roles.app), all)
    expect(diffSnapshots(snapshot, restricted)).toEqual([])
    expect(restricted.server).toMatchObject({ currentUser: roles.app, isSuperuser: false })
  })

  test('leaves the system identifier empty for a role that may not see it', async () => {
    await database.admin.query('revoke execute on function pg_control_system() from public')
    try {
      const { server } = await readCatalog(await database.connect(roles.app), all)
      expect(server.systemIdentifier).toBe('')
    } finally {
      await database.admin.query('grant execute on function pg_control_system() to public')
    }
  })

  test('reads only the schemas that are listed', async () => {
    const listed = await readCatalog(database.admin, { schemas: [hostile, 'no such schema'] })
    expect(listed.schemas.map(({ name }) => name)).toEqual([hostile])
    expect(listed.relations.map(({ name }) => name)).toEqual([longest])
    expect([...listed.functions, ...listed.sequences, ...listed.enums]).toEqual([])
  })

  test('takes twelve statements whatever is there', async () => {
    const counted = { count: 0 }
    const db: Queryable = {
      query: async (text, values) => {
        counted.count += 1
        return database.admin.query(text, values) as never
      },
    }
    await readCatalog(db, all)
    expect(counted.count).toBe(12)
  })

  test('sees and leaves alone the transaction that its caller has open', async () => {
    const client = await database.connect()
    await client.query('begin')
    await client.query(`set local search_path to core; create table core.uncommitted (id int)`)
    const inside = await readCatalog(client, all)
    expect(diffSnapshots(snapshot, inside)).toMatchObject([
      { path: expect.stringMatching(/^publications\.filtered\.tables/), before: undefined },
      { path: 'relations.core.uncommitted', before: undefined },
    ])
    const { rows } = await client.query(`show search_path`)
    expect(rows).toEqual([{ search_path: 'core' }])
    await client.query('rollback')
    expect(diffSnapshots(snapshot, await readCatalog(client, all))).toEqual([])
  })

  test('ends its transaction when a statement fails', async () => {
    const client = await database.connect()
    const db: Queryable = {
      query: (text, values) =>
        client.query(text.includes('pg_policy') ? 'select 1/0' : text, values && []) as never,
    }
    await expect(readCatalog(db, all)).rejects.toThrow(pg.DatabaseError)
    const { rows } = await client.query(`select now() = statement_timestamp() as outside`)
    expect(rows).toEqual([{ outside: true }])
  })

  test('is frozen all the way down', () => {
    const seen = new Set<unknown>()
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null || seen.has(value)) return
      seen.add(value)
      expect(Object.isFrozen(value)).toBe(true)
      Object.values(value).forEach(visit)
    }
    visit(snapshot)
  })
})
