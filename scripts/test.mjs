import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countTests, summarise } from './count-tests.mjs'
import { helpOf } from './flags.mjs'
import { findTestFiles } from './find-test-files.mjs'
import { build, install } from './prepare.mjs'
import { root, runNode } from './run-program.mjs'

const help = {
  usage: 'npm test -- [FILTER …] [flags of vitest]',
  about:
    'Sets up what is missing, runs the tests, ends with the line “N passed, N failed”. Options go on to vitest, which refuses those it does not know.',
  operands: `FILTER: part of a path, or a pattern of * and **; all tests without one.

WATERTIGHT_MAJORS=15,17       versions of PostgreSQL; 15 and 18 without it, all with CI=1
DATABASE_URL=postgres://…     your own server in their place
WATERTIGHT_SEED, WATERTIGHT_RUNS   of the property tests (npm run test:long)`,
}
if (process.argv.includes('--help')) {
  process.stdout.write(helpOf(help))
  process.exit(0)
}
await install()
const filters = process.argv.slice(2).flatMap((argument) => {
  if (argument.startsWith('-') || !argument.includes('*')) return [argument]
  const files = findTestFiles(argument)
  if (files.length > 0) return files
  console.error(`No test file matches ${argument}.`)
  console.log(summarise({ passed: 0, failed: 1, skipped: 0 }))
  return process.exit(1)
})
const built = await build()

const scratch = mkdtempSync(join(tmpdir(), 'watertight-report-'))
const reportFile = join(scratch, 'report.json')
const tested = await runNode(join(root, 'node_modules/vitest/vitest.mjs'), [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--reporter=${join(root, 'scripts/slowest-files.mjs')}`,
  `--outputFile.json=${reportFile}`,
  ...filters,
])
const counts = countTests(readReport(reportFile), tested)
rmSync(scratch, { recursive: true, force: true })

if (built !== 0) {
  counts.failed += 1
  console.error('The build failed, which counts as one failure; its messages are above the tests.')
}
if (counts.passed + counts.failed === 0) console.error('No test ran.')
console.log(summarise(counts))
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : tested || 1

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
