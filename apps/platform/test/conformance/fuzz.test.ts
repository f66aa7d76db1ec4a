import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlatformDatabase } from '../platform-database.js'
import { createPlatformDatabase } from '../platform-database.js'
import { longFuzz } from './long-fuzz.js'
import { runFuzz } from './run-fuzz.js'

let database: PlatformDatabase
beforeAll(async () => {
  database = await createPlatformDatabase()
})
afterAll(() => database.drop())

describe.runIf(longFuzz === null)(
  'the platform, sent what its document allows and what nearly is',
  () => {
    it('answers by its document and shows nobody the rows of others', async () => {
      const seed = 20_261_122
      const { findings, succeeded } = await runFuzz(database, { requests: 600, seed, parallel: 8 })
      expect(findings, `seed ${String(seed)}`).toEqual([])
      expect(succeeded.size).toBeGreaterThan(60)
    })
  },
)

describe.runIf(longFuzz !== null)('a long run of generated requests', () => {
  it('finds nothing', { timeout: 86_400_000 }, async () => {
    expect((await longFuzz?.perform(database))?.findings).toEqual([])
  })
})
