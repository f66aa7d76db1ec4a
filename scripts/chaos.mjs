import { execFileSync } from 'node:child_process'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, runNode } from './run-program.mjs'

// npm run chaos -- --operations 1000000 --seed 7 [--driver postgres] [--pgbouncer]
// [--out bench/results]: randomised operations of thousands of tenants under injected failures, held to what must never happen.
const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    tenants: { type: 'string', default: '5000' },
    'fault-every': { type: 'string', default: '100' },
    'heavy-every': { type: 'string', default: '20000' },
    driver: { type: 'string', default: 'pg' },
    pgbouncer: { type: 'boolean', default: false },
    out: { type: 'string' },
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
process.exitCode = await runNode(join(root, 'node_modules/vitest/vitest.mjs'), [
  'run',
  'packages/watertight/test/chaos/chaos.test.ts',
])

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).toString().trim()
  } catch {
    return 'unknown'
  }
}
