import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresJsDriver } from 'watertight/postgres'
import { createTxManager } from 'watertight/runtime'
import { acme, openRuntimeHarness, signingKey } from '../../../../test/runtime-harness.js'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'

describe('what the library asks for itself', () => {
  let harness: RuntimeHarness
  beforeAll(async () => {
    harness = await openRuntimeHarness()
  })
  afterAll(() => harness.close())

  it.each<[string, object, unknown]>([
    ['renames columns', { column: postgres.toPascal }, { One: 1 }],
    ['makes rows of another kind', { row: (row: object) => Object.values(row) }, [1]],
    ['changes values', { value: () => undefined }, { one: undefined }],
    ['leaves nothing', { row: () => undefined }, undefined],
  ])('is read as the server has it with a transform that %s', async (_, transform, expected) => {
    const { database } = harness
    const sql = postgres(database.urlFor(database.appRole), { max: 1, transform })
    const tx = createTxManager({ pools: { app: postgresJsDriver(sql) }, signingKey })
    const { rows } = await tx.query(acme, 'select 1 as one')
    expect(rows).toEqual([expected])
    await sql.end()
  })

  it.each<[string, object]>([
    ['renames columns', { column: postgres.toPascal }],
    ['changes values', { value: (value: unknown) => value ?? undefined }],
    ['leaves nothing', { row: () => ({ server: 180_000, role: null, power: null }) }],
  ])('finds a role that must not run, with a transform that %s', async (_, transform) => {
    const sql = postgres(harness.database.url, { max: 1, transform })
    const tx = createTxManager({ pools: { app: postgresJsDriver(sql) }, signingKey })
    await expect(tx.start()).rejects.toMatchObject({ code: 'UNSAFE_ROLE' })
    await sql.end({ timeout: 0 })
  })

  it('is read as the server has it with the parsers of a pool of pg', async () => {
    const types = { getTypeParser: () => () => 'x' }
    const { tx } = harness.connect({}, { types })
    expect((await tx.query(acme, 'select 1 as one')).rows).toEqual([{ one: 'x' }])
  })
})
