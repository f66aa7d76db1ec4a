import { readFlags } from './flags.mjs'
import { runTestFile } from './run-test-file.mjs'

const { values } = readFlags({
  usage: 'npm run test:guards -- [flags]',
  about:
    'Removes one security guard of the sources after the other, and demands that the tests that are there for it fail.',
  flags: {
    only: { type: 'string', value: 'WORDS', about: 'only guards whose names have these words' },
    out: {
      type: 'string',
      value: 'FOLDER',
      about: 'also write the result there, as bench/results',
    },
  },
})
process.env.WATERTIGHT_GUARDS = '1'
if (values.out !== undefined) process.env.WATERTIGHT_GUARDS_OUT = values.out
process.exitCode = await runTestFile(
  'packages/watertight/test/guard-removal/guard-removal.test.ts',
  [
    '--reporter=verbose',
    ...(values.only === undefined ? [] : [`--testNamePattern=${values.only}`]),
  ],
)
