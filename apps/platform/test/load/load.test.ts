import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LoadWorld } from './load-world.js'
import { openLoadWorld } from './load-world.js'
import { longLoad } from './long-load.js'
import { runLoad } from './run-load.js'

let world: LoadWorld
beforeAll(async () => {
  world = await openLoadWorld(40)
}, 120_000)
afterAll(() => world.close())

describe.runIf(longLoad === null)('clients of many tenants, with a restart of the database', () => {
  it('get what is theirs or a typed refusal, and all is well again without a restart', async () => {
    const options = { clients: 20, seconds: 6, restarts: 1, seed: 20_261_122 }
    const result = await runLoad(world, options)
    expect(result.violations).toEqual([])
    expect(result.statuses.get(503)).toBeGreaterThan(0)
    expect(result.recoveries).toHaveLength(1)
    expect(result.afterwards.good).toBeGreaterThan(0)
    expect(result.isAlive).toBe(true)
  })
})

describe.runIf(longLoad !== null)('a long load', () => {
  it('shows nobody the rows of others', { timeout: 86_400_000 }, async () => {
    const result = await longLoad?.perform(world)
    expect(result?.violations).toEqual([])
    expect(result?.recoveries).toHaveLength(result?.options.restarts ?? 0)
    expect(result?.isAlive).toBe(true)
  })
})
