import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPlatformDatabase } from '../../test/platform-database.js'
import type { PlatformDatabase } from '../../test/platform-database.js'
import { takenFields, toldIndexes } from './taken-fields.js'

let database: PlatformDatabase
beforeAll(async () => {
  database = await createPlatformDatabase()
})
afterAll(() => database.drop())

it('only indexes that begin with the tenant are told of, and the short names that staff give out', async () => {
  const { rows } = await database.admin.query<{ name: string; first: string }>(
    `select c.relname as name, pg_get_indexdef(i.indexrelid, 1, true) as first
     from pg_index i join pg_class c on c.oid = i.indexrelid
     where i.indisunique and c.relname = any ($1) order by c.relname`,
    [toldIndexes],
  )
  expect(rows.map(({ name }) => name)).toEqual(toldIndexes.toSorted())
  expect(rows.filter(({ first }) => first !== 'tenant_id').map(({ name }) => name)).toEqual([
    'tenants_slug_live',
  ])
})

it('nothing is told of addresses, nor of an error without an index', () => {
  expect(takenFields({ constraint: 'users_email_live' })).toEqual([])
  expect(takenFields({ constraint: 'registrations_one_live' })).toEqual([])
  expect(takenFields({ constraint: 'toString' })).toEqual([])
  expect(takenFields(undefined)).toEqual([])
})
