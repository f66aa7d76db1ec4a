import { execFileSync } from 'node:child_process'
import { setPriority } from 'node:os'
import { readFlags } from './flags.mjs'
import { root } from './run-program.mjs'
import { runTestFile } from './run-test-file.mjs'

const { values } = readFlags({
  usage: 'npm run chaos -- [flags]',
  about:
    'Randomised operations of thousands of tenants under injected failures, held to what must never happen.',
  flags: {
    operations: { type: 'string', value: 'N', default: '1000000', about: 'how many' },
    seed: {
      type: 'string',
      value: 'N',
      default: String(Date.now() % 2 ** 31),
      about: 'repeats a run',
    },
    tenants: { type: 'string', value: 'N', default: '5000', about: 'how many' },
    'fault-every': {
      type: 'string',
      value: 'N',
      default: '100',
      about: 'operations between two failures',
    },
    'heavy-every': {
      type: 'string',
      value: 'N',
      default: '20000',
      about: 'operations between two restarts and the like',
    },
    driver: { type: 'string', value: 'NAME', default: 'pg', about: 'pg or postgres' },
    pgbouncer: { type: 'boolean', about: 'through PgBouncer' },
    out: {
      type: 'string',
      value: 'FOLDER',
      about: 'also write the result there, as bench/results',
    },
  },
})
setPriority(10)
process.env.WATERTIGHT_CHAOS_OPERATIONS = values.operations
process.env.WATERTIGHT_CHAOS_SEED = values.seed
process.env.WATERTIGHT_CHAOS_TENANTS = values.tenants
process.env.WATERTIGHT_CHAOS_FAULT_EVERY = values['fault-every']
process.env.WATERTIGHT_CHAOS_HEAVY_EVERY = values['heavy-every']
process.env.WATERTIGHT_CHAOS_DRIVER = values.driver
process.env.WATERTIGHT_CHAOS_COMMIT = commit()
if (values.pgbouncer) process.env.WATERTIGHT_CHAOS_PGBOUNCER = '1'
if (values.out !== undefined) process.env.WATERTIGHT_CHAOS_OUT = values.out
process.exitCode = await runTestFile('packages/watertight/test/chaos/chaos.test.ts')

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).toString().trim()
  } catch {
    return 'unknown'
  }
}
