import { mkdirSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { readFlags } from './flags.mjs'
import { runTestFile } from './run-test-file.mjs'

const { values } = readFlags({
  usage: 'npm run fuzz:prove -- [flags]',
  about: 'Holds the prover to PostgreSQL over random schemas.',
  flags: {
    cases: { type: 'string', value: 'N', default: '100000', about: 'how many' },
    seed: {
      type: 'string',
      value: 'N',
      default: String(Date.now() % 2 ** 31),
      about: 'repeats a run',
    },
    seconds: { type: 'string', value: 'N', default: '36000', about: 'ends after that time' },
    majors: { type: 'string', value: 'LIST', default: '15,18', about: 'versions of PostgreSQL' },
    every: { type: 'string', value: 'N', default: '1', about: 'proves one schema in so many' },
    mutants: { type: 'string', value: 'N', default: '0', about: 'changed policies per schema' },
    world: {
      type: 'string',
      value: 'N',
      about: 'visits again the one schema that a disagreement names',
    },
    out: { type: 'string', value: 'FOLDER', about: 'writes what disagrees there' },
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
process.exitCode = await runTestFile('packages/verifier/src/prove/differential.test.ts')
