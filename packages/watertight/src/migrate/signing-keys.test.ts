import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { defineTenancy } from '../model/index.js'
import { generateSigningKey, parseTenantContext, signContext } from '../runtime/index.js'
import type { SigningKey } from '../runtime/index.js'
import {
  addSigningKey,
  applyPlan,
  listSigningKeys,
  makePlan,
  retireSigningKey,
  revokeSigningKey,
} from './index.js'
import { allHazards, notesSchema, notesTenancy } from './testing/notes.js'

let database: TestDatabase
let admin: pg.Client
let app: pg.Client

beforeAll(async () => {
  database = await createTestDatabase()
  admin = database.admin
  await admin.query(notesSchema)
  const plan = await makePlan(admin, defineTenancy(notesTenancy(database.rolePrefix)))
  await applyPlan(admin, plan, { allow: allHazards(plan) })
  app = await database.connect(`${database.rolePrefix}_app`)
})
afterAll(() => database.drop())

const token = (key: SigningKey): string =>
  signContext(
    parseTenantContext({ mode: 'member', tenantId: 'aaaaaaaa-0000-4000-8000-000000000000' }),
    key,
  )

/** Ids of the notes that a context signed with `key` shows. */
async function notesUnder(key: SigningKey): Promise<readonly string[]> {
  await app.query('begin')
  await app.query("select set_config('watertight.context', $1, true)", [token(key)])
  const { rows } = await app.query<{ id: string }>('select id from notes.notes')
  await app.query('commit')
  return rows.map(({ id }) => id)
}

it('rotation has no gap: both keys hold until the old one has ended', async () => {
  const [old, next] = [generateSigningKey(), generateSigningKey()]
  expect(await notesUnder(old)).toEqual([])
  await addSigningKey(admin, old)
  expect(await notesUnder(old)).toEqual(['1'])
  await addSigningKey(admin, next)
  expect([await notesUnder(old), await notesUnder(next)]).toEqual([['1'], ['1']])

  const end = new Date(Date.now() + 3_600_000)
  expect(await retireSigningKey(admin, old.kid, end)).toBe(true)
  expect([await notesUnder(old), await notesUnder(next)]).toEqual([['1'], ['1']])
  expect(await listSigningKeys(admin)).toMatchObject([
    { kid: old.kid, notAfter: end },
    { kid: next.kid, notAfter: null },
  ])

  await retireSigningKey(admin, old.kid, new Date(Date.now() - 60_000))
  expect([await notesUnder(old), await notesUnder(next)]).toEqual([[], ['1']])
})

it('a key that has ended does not come back by being retired later', async () => {
  const key = generateSigningKey()
  await addSigningKey(admin, key)
  await retireSigningKey(admin, key.kid, new Date(Date.now() - 60_000))
  await retireSigningKey(admin, key.kid, new Date(Date.now() + 3_600_000))
  expect(await notesUnder(key)).toEqual([])
})

it('a revoked key is refused from the next statement on, inside a transaction too', async () => {
  const key = generateSigningKey()
  await addSigningKey(admin, key)
  await app.query('begin')
  await app.query("select set_config('watertight.context', $1, true)", [token(key)])
  expect((await app.query('select from notes.notes')).rowCount).toBe(1)
  expect(await revokeSigningKey(admin, key.kid)).toBe(true)
  expect((await app.query('select from notes.notes')).rowCount).toBe(0)
  await app.query('commit')
  expect(await revokeSigningKey(admin, key.kid)).toBe(false)
})

it('another secret under a known id opens nothing, and cannot replace the key', async () => {
  const key = generateSigningKey()
  await addSigningKey(admin, key)
  const impostor = { kid: key.kid, secret: generateSigningKey().secret }
  expect(await notesUnder(impostor)).toEqual([])
  await expect(addSigningKey(admin, impostor)).rejects.toMatchObject({ code: '23505' })
  expect(await notesUnder(key)).toEqual(['1'])
})
