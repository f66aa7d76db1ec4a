import { readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../../test/database.js'
import type { TestDatabase } from '../../../../../test/database.js'
import { numbersFrom, seedOf } from '../../../test/fuzz/numbers.js'
import { randomSchema, schemaName } from '../../../test/synthesis/random-schema.js'
import { objectName } from '../../graph/object-name.js'
import { defaultLimits, inRolledBackTransaction } from '../session.js'
import { insertRow } from './insert-row.js'

// A failure is run again with WATERTIGHT_SEED; WATERTIGHT_RUNS makes more schemas.
const seed = Number(process.env['WATERTIGHT_SEED'] ?? 20_261_122)
const rounds = Number(process.env['WATERTIGHT_RUNS'] ?? 12)
const tablesEach = 6
const leastRate = 0.98

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

/** Two rows of one table, the second beside the first: why that fails, or null. */
function fill(catalog: CatalogSnapshot, relation: Relation): Promise<string | null> {
  const limits = { ...defaultLimits, statementTimeout: 60_000 }
  return inRolledBackTransaction(database.admin, limits, async (session) => {
    let last = 0
    const serial = (): number => (last += 1)
    const tenant = '00000000-0000-4000-8000-000000000001'
    const nobody = { user: null, memberships: null }
    const synthesis = { catalog, session, targets: new Map(), tenant, ...nobody, serial }
    for (const which of ['first', 'second']) {
      const row = await insertRow(synthesis, relation, { tenant_id: tenant })
      if (typeof row === 'string') return `${which} row: ${row}`
    }
    return null
  })
}

it(
  `fills tables of generated schemas, from seed ${seed}`,
  { timeout: 60_000 + rounds * 10_000 },
  async () => {
    for (let round = 0; round < rounds; round += 1) {
      const text = randomSchema(
        numbersFrom(seedOf(seed, round)),
        schemaName(round),
        tablesEach,
      ).text
      await database.admin.query(text)
    }
    const catalog = await readCatalog(database.admin, { schemas: 'all' })
    const tables = catalog.relations.filter(
      ({ schema, isPartition }) => schema.startsWith('round_') && !isPartition,
    )
    const open: string[] = []
    for (const relation of tables) {
      const reason = await fill(catalog, relation)
      if (reason !== null) open.push(`${objectName(relation)}: ${reason}`)
    }
    const filled = tables.length - open.length
    process.stdout.write(
      `row synthesis, seed ${seed}: ${filled} of ${tables.length} tables filled\n${open.map((line) => `  ${line}\n`).join('')}`,
    )
    expect(tables).toHaveLength(rounds * tablesEach)
    expect(filled / tables.length).toBeGreaterThanOrEqual(leastRate)
  },
)
