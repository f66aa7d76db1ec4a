import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { ServerMajor } from '../../../../test/database.js'
import { fuzz } from '../../test/fuzz/fuzz-run.js'
import type { FuzzOptions, FuzzResult } from '../../test/fuzz/fuzz-run.js'
import { mutants } from '../../test/fuzz/mutants.js'
import { summary } from '../../test/fuzz/summary.js'
import { loadParser } from '../expr/index.js'
import { openZ3 } from './z3-solver.js'
import type { ClosableSolver } from './z3-solver.js'

const {
  WATERTIGHT_FUZZ_CASES: cases,
  WATERTIGHT_FUZZ_SEED: seed = '305767267',
  WATERTIGHT_FUZZ_SECONDS: seconds = '12',
  WATERTIGHT_FUZZ_MAJORS: majors,
  WATERTIGHT_FUZZ_MUTANTS: mutantCases = '0',
  WATERTIGHT_FUZZ_PROVE_EVERY: proveEvery = '1',
  WATERTIGHT_FUZZ_WORLD: world,
  WATERTIGHT_FUZZ_OUT: out,
} = process.env

const size = { tables: 16, rows: 5, writes: 3, contexts: 6 }
const wanted: readonly ServerMajor[] =
  majors === undefined
    ? serverMajors.slice(-1)
    : serverMajors.filter((major) => majors.split(',').includes(String(major)))

/** Found out within a few schemas each; the long run tries all. */
const quickMutants = mutants.filter(({ name }) =>
  [
    'OR is read as AND',
    'restrictive policies are left out',
    'a role has no policies of its groups',
  ].includes(name),
)

/** Faults of the catalog that make proofs of what leaks. */
const falseProofs = ['a role has no policies of its groups', 'WITH CHECK is left out']

let solver: ClosableSolver
beforeAll(async () => {
  await loadParser()
  solver = await openZ3()
})
afterAll(() => solver.close())

async function fuzzed(
  major: ServerMajor,
  options: Pick<FuzzOptions, 'cases' | 'seed'> & Partial<FuzzOptions>,
): Promise<FuzzResult> {
  const database = await createTestDatabase({ major })
  try {
    const { admin: client, rolePrefix } = database
    return await fuzz({ client, rolePrefix, solver, size, ...options })
  } finally {
    await database.drop()
  }
}

describe.each(wanted)('on PostgreSQL %i', (major) => {
  it('agrees with the server on every row, and nothing gets past a proof', async () => {
    const started = Date.now()
    const passed = (): number => (Date.now() - started) / 1000
    process.stdout.write(`differential test of the prover: seed ${seed}, PostgreSQL ${major}\n`)
    const result = await fuzzed(major, {
      seed: Number(seed),
      cases: Number(cases ?? 3000),
      proveEvery: Number(proveEvery),
      ...(world === undefined ? {} : { world: Number(world) }),
      // The ordinary run looks at the clock only between schemas, and always at one.
      until: () => passed() > Number(seconds),
      onStory: (story) => process.stdout.write(`${story}\n`),
      onWorld: (tally) => {
        if (out !== undefined)
          writeFileSync(`${out}-${major}.txt`, `${summary(tally, passed()).join('\n')}\n`)
      },
    })
    const lines = [...summary(result.tally, passed()), ...result.stories]
    process.stdout.write(`${lines.join('\n')}\n`)
    if (out !== undefined) writeFileSync(`${out}-${major}.txt`, `${lines.join('\n')}\n`)
    expect(result.stories).toEqual([])
    expect(result.disagreements).toEqual([])
    expect(result.tally.compared).toBeGreaterThan(0)
  }, 36_000_000)
})

describe('an encoder with a fault is found out', () => {
  it.each(Number(mutantCases) > 0 ? mutants : quickMutants)(
    '$name',
    async (mutant) => {
      const result = await fuzzed(wanted.at(-1) ?? 18, {
        seed: Number(seed),
        cases: Number(mutantCases) || 12_000,
        solver: null,
        mutant,
        tries: 0,
      })
      const [first] = result.disagreements
      process.stdout.write(
        `${mutant.name}: ${first?.what ?? 'not found'} within ${result.tally.compared} cases\n`,
      )
      expect(result.disagreements).not.toEqual([])
    },
    600_000,
  )

  it.runIf(Number(mutantCases) > 0).each(mutants.filter(({ name }) => falseProofs.includes(name)))(
    '$name: a foreign row gets past a proof',
    async (mutant) => {
      const noticedBy = 'foreign row behind proven'
      const result = await fuzzed(wanted.at(-1) ?? 18, {
        seed: Number(seed),
        cases: Number(mutantCases),
        mutant,
        noticedBy,
        tries: 0,
      })
      process.stdout.write(`${mutant.name}: a false proof within ${result.tally.attacks} attacks\n`)
      expect(result.disagreements.map(({ what }) => what)).toContain(noticedBy)
    },
    1_200_000,
  )
})
