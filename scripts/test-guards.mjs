import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, runNode } from './run-program.mjs'

// npm run test:guards -- [--only "words of its name"] [--out bench/results]: removes one security
// guard of the sources after the other, and demands that the tests that are there for it fail.
const { values } = parseArgs({ options: { only: { type: 'string' }, out: { type: 'string' } } })
process.env.WATERTIGHT_GUARDS = '1'
if (values.out !== undefined) process.env.WATERTIGHT_GUARDS_OUT = values.out
process.exitCode = await runNode(join(root, 'node_modules/vitest/vitest.mjs'), [
  'run',
  'packages/watertight/test/guard-removal/guard-removal.test.ts',
  '--reporter=verbose',
  ...(values.only === undefined ? [] : [`--testNamePattern=${values.only}`]),
])
