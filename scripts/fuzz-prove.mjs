import { mkdirSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, runNode } from './run-program.mjs'

// npm run fuzz:prove -- --cases 100000 --seed 7: holds the prover to PostgreSQL over random schemas.
// --world N visits again the one schema that a disagreement names.
const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    seconds: { type: 'string', default: '36000' },
    majors: { type: 'string', default: '15,18' },
    every: { type: 'string', default: '1' },
    mutants: { type: 'string', default: '0' },
    world: { type: 'string' },
    out: { type: 'string' },
  },
})
setPriority(10)
process.env.WATERTIGHT_FUZZ_CASES = values.cases
process.env.WATERTIGHT_FUZZ_SEED = values.seed
process.env.WATERTIGHT_FUZZ_SECONDS = values.seconds
process.env.WATERTIGHT_FUZZ_MAJORS = values.majors
process.env.WATERTIGHT_FUZZ_PROVE_EVERY = values.every
process.env.WATERTIGHT_FUZZ_MUTANTS = values.mutants
if (values.world !== undefined) process.env.WATERTIGHT_FUZZ_WORLD = values.world
if (values.out !== undefined) {
  mkdirSync(values.out, { recursive: true })
  process.env.WATERTIGHT_FUZZ_OUT = join(values.out, `fuzz-prove-${values.seed}`)
}
process.exitCode = await runNode(join(root, 'node_modules/vitest/vitest.mjs'), [
  'run',
  'packages/verifier/src/prove/differential.test.ts',
])
