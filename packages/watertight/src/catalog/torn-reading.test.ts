import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import type { Queryable } from '../sql/index.js'
import { readCatalog } from './read-catalog.js'

const tables = {
  view: 'create view seen as select id from kept',
  table: 'create table gone (id int primary key)',
}

describe.each(serverMajors)(
  'a catalog that changes while it is read, on PostgreSQL %i',
  (major) => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await createTestDatabase({ major })
      await database.admin.query('create table kept (id int primary key)')
    })
    afterAll(() => database?.drop())

    /** Runs one change after the other in another session, each before a query with `marker`. */
    const interfering = async (marker: string, changes: readonly string[]): Promise<Queryable> => {
      const reader = await database.connect()
      const left = [...changes]
      return {
        query: async (text, values) => {
          const change = text.includes(marker) ? left.shift() : undefined
          if (change !== undefined) await database.admin.query(change)
          return reader.query(text, values) as never
        },
      }
    }

    test.each([
      ['a table', tables.table, 'pg_get_constraintdef', 'drop table gone'],
      ['a table', tables.table, 'pg_get_indexdef', 'drop table gone'],
      ['a view', tables.view, 'pg_get_viewdef', 'drop view seen'],
    ])('is read again without %s that was dropped meanwhile', async (_, create, marker, change) => {
      await database.admin.query(create)
      const { relations } = await readCatalog(await interfering(marker, [change]), {
        schemas: 'all',
      })
      expect(relations.map(({ name }) => name)).toEqual(['kept'])
    })

    test('is given up with an error when it never rests', async () => {
      await database.admin.query(tables.table)
      const change = `drop table gone; ${tables.table}`
      const db = await interfering(
        'pg_get_constraintdef',
        Array.from({ length: 20 }, () => change),
      )
      await expect(readCatalog(db, { schemas: 'all' })).rejects.toMatchObject({
        code: 'STATEMENT_FAILED',
      })
    })
  },
)
