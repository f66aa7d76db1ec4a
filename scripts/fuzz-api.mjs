import { execFileSync } from 'node:child_process'
import { setPriority } from 'node:os'
import { resolve } from 'node:path'
import { readFlags } from './flags.mjs'
import { root } from './run-program.mjs'
import { runTestFile } from './run-test-file.mjs'

const { values } = readFlags({
  usage: 'npm run fuzz:api -- [flags]',
  about:
    'Generated requests to every operation of the platform over HTTP, each reply held to the OpenAPI document and to its tenant.',
  flags: {
    requests: { type: 'string', value: 'N', default: '20000', about: 'how many' },
    seed: {
      type: 'string',
      value: 'N',
      default: String(Date.now() % 2 ** 31),
      about: 'repeats a run',
    },
    parallel: { type: 'string', value: 'N', default: '8', about: 'how many at a time' },
    out: {
      type: 'string',
      value: 'FOLDER',
      about: 'also write the result there, as bench/results',
    },
  },
})
setPriority(10)
process.env.WATERTIGHT_API_FUZZ_REQUESTS = values.requests
process.env.WATERTIGHT_API_FUZZ_SEED = values.seed
process.env.WATERTIGHT_API_FUZZ_PARALLEL = values.parallel
process.env.WATERTIGHT_API_FUZZ_COMMIT = commit()
if (values.out !== undefined) process.env.WATERTIGHT_API_FUZZ_OUT = resolve(values.out)
process.exitCode = await runTestFile('apps/platform/test/conformance/fuzz.test.ts')

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).toString().trim()
  } catch {
    return 'unknown'
  }
}
