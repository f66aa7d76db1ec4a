import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { root, runNode } from './run-program.mjs'

// npm run load:api -- --clients 200 --seconds 120 --restarts 2 [--seed 7] [--out bench/results]: clients of
// many tenants over HTTP to a platform in a process of its own, while its database is stopped and started.
const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '120' },
    restarts: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    out: { type: 'string' },
  },
})
process.env.WATERTIGHT_API_LOAD_CLIENTS = values.clients
process.env.WATERTIGHT_API_LOAD_SECONDS = values.seconds
process.env.WATERTIGHT_API_LOAD_RESTARTS = values.restarts
process.env.WATERTIGHT_API_LOAD_SEED = values.seed
process.env.WATERTIGHT_API_LOAD_COMMIT = commit()
if (values.out !== undefined) process.env.WATERTIGHT_API_LOAD_OUT = resolve(values.out)
process.exitCode = await runNode(join(root, 'node_modules/vitest/vitest.mjs'), [
  'run',
  'apps/platform/test/load/load.test.ts',
])

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).toString().trim()
  } catch {
    return 'unknown'
  }
}
