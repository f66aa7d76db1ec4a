import { execFileSync } from 'node:child_process'
import { setPriority } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { root, runNode } from './run-program.mjs'

// npm run fuzz:api -- --requests 20000 --seed 7 [--parallel 8] [--out bench/results]: generated requests
// to every operation of the platform over HTTP, each reply held to the OpenAPI document and to its tenant.
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    parallel: { type: 'string', default: '8' },
    out: { type: 'string' },
  },
})
setPriority(10)
process.env.WATERTIGHT_API_FUZZ_REQUESTS = values.requests
process.env.WATERTIGHT_API_FUZZ_SEED = values.seed
process.env.WATERTIGHT_API_FUZZ_PARALLEL = values.parallel
process.env.WATERTIGHT_API_FUZZ_COMMIT = commit()
if (values.out !== undefined) process.env.WATERTIGHT_API_FUZZ_OUT = resolve(values.out)
process.exitCode = await runNode(join(root, 'node_modules/vitest/vitest.mjs'), [
  'run',
  'apps/platform/test/conformance/fuzz.test.ts',
])

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).toString().trim()
  } catch {
    return 'unknown'
  }
}
