import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Player, scripted, sql } from '../../../../test/program-player.js'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import { member, notes, openRuntimeHarness } from '../../../../test/runtime-harness.js'
import { ScriptedDriver, faults } from '../../../../test/scripted-driver.js'
import { expectedOf, program } from '../../../../test/transaction-programs.js'
import { createTxManager } from './tx-manager.js'

// The ordinary run replays one seed; a failure is run again with WATERTIGHT_SEED.
const seed = Number(process.env['WATERTIGHT_SEED'] ?? 20_261_122)
const numRuns = Number(process.env['WATERTIGHT_RUNS'] ?? 12)

describe(`transactions, from seed ${seed}`, () => {
  let harness: RuntimeHarness
  beforeAll(async () => {
    harness = await openRuntimeHarness()
  })
  afterAll(() => harness.close())

  it(
    'of many tenants at once do on the server what a model of them says',
    { timeout: 60_000 + numRuns * 4000 },
    async () => {
      const { tx, pool } = harness.connect({ sleep: () => Promise.resolve() }, { max: 3 })
      const stranger = member('stranger')
      await fc.assert(
        fc.asyncProperty(fc.array(program, { minLength: 1, maxLength: 8 }), async (programs) => {
          await harness.database.admin.query('truncate app.notes')
          const tenants = programs.map((_program, index) => member(`tenant-${index}`))
          const codes = await Promise.all(
            programs.map((one, index) => {
              const tenant = tenants[index] ?? stranger
              return new Player(tx, [tenant, stranger], `t${index}`, sql).play(one)
            }),
          )
          for (const [index, one] of programs.entries()) {
            const expected = expectedOf(one)
            const { rows } = await tx.query<{ tenant_id: string; body: string }>(
              tenants[index] ?? stranger,
              notes.list,
            )
            expect(rows.map(({ body }) => body)).toEqual(
              (expected ?? []).map((id) => `t${index}-${id}`),
            )
            expect(codes[index] === null).toBe(expected !== null)
          }
          expect(pool.idleCount).toBe(pool.totalCount)
          expect(pool.totalCount).toBeLessThanOrEqual(3)
        }),
        { seed, numRuns, endOnFailure: true },
      )
    },
  )

  it(
    'end in what they say, whichever flights are lost and however, on a model of the protocol',
    { timeout: 60_000 + numRuns * 4000 },
    async () => {
      const sleep = (): Promise<void> => Promise.resolve()
      const lostFlights = fc.dictionary(fc.nat(15).map(String), fc.constantFrom(...faults))
      await fc.assert(
        fc.asyncProperty(program, program, lostFlights, async (one, other, lost) => {
          const driver = new ScriptedDriver()
          const tx = createTxManager({ pools: { app: driver }, context: setting, sleep })
          await tx.start()
          driver.flights = 0
          driver.plan = (flight) => lost[flight] ?? null
          const tenants = [member('one'), member('other')] as const
          const stranger = member('stranger')
          const programs = [one, other]
          const codes = await Promise.all(
            tenants.map((tenant, index) =>
              new Player(tx, [tenant, stranger], 'w', scripted).play(programs[index] ?? one),
            ),
          )
          await tx.close()
          expect([driver.violations, driver.open]).toEqual([[], 0])
          for (const [index, tenant] of tenants.entries()) {
            const ids = driver.committed
              .filter((write) => write.tenant === tenant.tenantId)
              .map(({ id }) => id)
            const all = (expectedOf(programs[index] ?? one) ?? []).map((id) => `w-${id}`)
            const code = codes[index] ?? null
            const allowed = code === null ? [all] : code === 'OUTCOME_UNKNOWN' ? [[], all] : [[]]
            expect({ code, isTrue: allowed.some((set) => isEqual(set, ids)) }).toEqual({
              code,
              isTrue: true,
            })
          }
        }),
        { seed, numRuns: numRuns * 10, endOnFailure: true },
      )
    },
  )
})

const setting = {
  kind: 'guc',
  tenant: 'app.tenant',
  user: null,
  orgUnits: null,
  orgScope: null,
} as const

function isEqual(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((id, index) => id === right[index])
}
