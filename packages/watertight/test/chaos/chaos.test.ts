import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasPgBouncer } from '../../../../test/pgbouncer.js'
import type { ChaosOptions, ChaosResult } from './machine.js'
import { runChaos } from './machine.js'
import { plantedFaults } from './planted-faults.js'
import { limits } from './operations/limits.js'
import { longRun } from './long-run.js'
import { openWorld } from './world.js'
import type { World } from './world.js'

const bounded: ChaosOptions = {
  operations: 900,
  seed: longRun?.seed ?? 20_261_122,
  tenants: 1000,
  driver: 'pg',
  pgbouncer: false,
  connections: 64,
  callers: 96,
  faultEvery: 25,
  heavyEvery: 400,
}

function violationsOf(result: ChaosResult | undefined): unknown {
  return { ...result?.oracle.violations, cases: result?.oracle.cases }
}

const none = {
  foreignRows: 0,
  wrongResults: 0,
  accepted: 0,
  untypedErrors: 0,
  sessionState: 0,
  wrongTenantWrites: 0,
  wrongOutcomes: 0,
  leakedConnections: 0,
  hangs: 0,
  cases: [],
}

describe.runIf(longRun === null)('under injected failures', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld(bounded.tenants)
  })
  afterAll(() => world.close())

  it(`isolates ${bounded.tenants} tenants on ${bounded.connections} connections of pg`, async () => {
    const result = await runChaos(world, bounded)
    expect(violationsOf(result)).toEqual(none)
    expect(result.audit.unknown + result.audit.failed).toBeGreaterThan(0)
  })

  it.skipIf(!hasPgBouncer())(
    'isolates them on connections of postgres behind PgBouncer',
    async () => {
      const result = await runChaos(world, { ...bounded, driver: 'postgres', pgbouncer: true })
      expect(violationsOf(result)).toEqual(none)
    },
  )

  it.each(plantedFaults)('finds $name', async (planted) => {
    await planted.prepare?.(world)
    // A fault of timing need not strike in so few operations: other seeds get their turn.
    let missing = planted.finds
    for (let attempt = 0; attempt < 5 && missing.length > 0; attempt += 1) {
      const { oracle } = await runChaos(world, {
        ...bounded,
        seed: bounded.seed + attempt,
        operations: 200,
        tenants: 20,
        connections: 12,
        callers: 16,
        faultEvery: 0,
        heavyEvery: 0,
        only: (operation) => !limits.includes(operation),
        connectWithinMs: 300,
        settleWithinMs: 500,
        hangAfterMs: 500,
        ...(planted.plant !== undefined && { plant: planted.plant }),
      })
      missing = missing.filter((kind) => oracle.violations[kind] === 0)
    }
    await planted.repair?.(world)
    expect(missing).toEqual([])
  })
})

describe.runIf(longRun !== null)('a long run under injected failures', () => {
  it('finds nothing', { timeout: 86_400_000 }, async () => {
    expect(violationsOf(await longRun?.perform())).toEqual(none)
  })
})
