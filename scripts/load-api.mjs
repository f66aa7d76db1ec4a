import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { readFlags } from './flags.mjs'
import { root } from './run-program.mjs'
import { runTestFile } from './run-test-file.mjs'

const { values } = readFlags({
  usage: 'npm run load:api -- [flags]',
  about:
    'Clients of many tenants over HTTP to a platform in a process of its own, while its database is stopped and started.',
  flags: {
    clients: { type: 'string', value: 'N', default: '200', about: 'how many at a time' },
    seconds: { type: 'string', value: 'N', default: '120', about: 'how long' },
    restarts: { type: 'string', value: 'N', default: '2', about: 'of the database' },
    seed: {
      type: 'string',
      value: 'N',
      default: String(Date.now() % 2 ** 31),
      about: 'repeats a run',
    },
    out: {
      type: 'string',
      value: 'FOLDER',
      about: 'also write the result there, as bench/results',
    },
  },
})
process.env.WATERTIGHT_API_LOAD_CLIENTS = values.clients
process.env.WATERTIGHT_API_LOAD_SECONDS = values.seconds
process.env.WATERTIGHT_API_LOAD_RESTARTS = values.restarts
process.env.WATERTIGHT_API_LOAD_SEED = values.seed
process.env.WATERTIGHT_API_LOAD_COMMIT = commit()
if (values.out !== undefined) process.env.WATERTIGHT_API_LOAD_OUT = resolve(values.out)
process.exitCode = await runTestFile('apps/platform/test/load/load.test.ts')

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).toString().trim()
  } catch {
    return 'unknown'
  }
}
