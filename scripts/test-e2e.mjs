import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { countTests, summarise } from './count-tests.mjs'
import { startPlatform } from './e2e-platform.mjs'
import { readFlags } from './flags.mjs'
import { build, buildConsole, install } from './prepare.mjs'
import { root, runNode } from './run-program.mjs'

const { values, positionals } = readFlags({
  usage: 'npm run test:e2e -- [FILTER …] [flags]',
  about:
    'The console in Chromium against the platform and PostgreSQL, which this starts and stops. Ends with the line “N passed, N failed”.',
  operands: 'FILTER: part of a path; all files without one',
  flags: {
    serve: { type: 'boolean', about: 'only starts the platform, for looking' },
    screenshots: {
      type: 'string',
      value: 'FOLDER',
      about: 'takes every page for every role instead, and contact sheets of them',
    },
  },
})
await install()
const chromium = findProgram('chromium') ?? findProgram('chromium-browser')
if (chromium === null && !values.serve) endWithout()
for (const step of [build, buildConsole]) {
  const code = await step()
  if (code !== 0) end({ passed: 0, failed: 1, skipped: 0 }, code)
}

const scratch = mkdtempSync(join(tmpdir(), 'watertight-e2e-'))
const password = 'a password of the demo'
console.log('Starting the platform …')
const consoleFolder = join(root, 'apps/console/dist/web')
const served = await startPlatform({
  password,
  consoleFolder,
  checks: values.screenshots !== undefined,
})
try {
  if (values.serve) {
    console.log(`The console is at ${served.origin}; the password of everybody is “${password}”.`)
    await new Promise((resolve) => process.once('SIGINT', resolve))
  } else {
    const report = join(scratch, 'report.json')
    const isTaking = values.screenshots !== undefined
    const folder = isTaking ? 'screenshots' : 'e2e'
    const code = await runNode(
      join(root, 'node_modules/vitest/vitest.mjs'),
      [
        'run',
        `--config=apps/console/test/${folder}/vitest.config.ts`,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...positionals,
      ],
      {
        env: {
          E2E_ORIGIN: served.origin,
          E2E_PASSWORD: password,
          E2E_DATABASE_URL: served.databaseUrl,
          E2E_EXPORTS: served.exportFolder,
          E2E_STATE: scratch,
          E2E_CHROMIUM: chromium,
          ...(isTaking && { E2E_SCREENSHOTS: resolve(values.screenshots) }),
        },
      },
    )
    const counts = countTests(readReport(report), code)
    console.log(summarise(counts))
    process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : code || 1
  }
} finally {
  await served.stop()
  rmSync(scratch, { recursive: true, force: true })
}
// Keep-alive connections of browsers that are gone hold the process no longer.
process.exit()

/** Says that there is no browser: a failure where it has to be there, else a skip. */
function endWithout() {
  const isWanted = process.env['CI'] !== undefined && process.env['CI'] !== ''
  console.error('The tests of the console need Chromium: apt-get install chromium.')
  end({ passed: 0, failed: isWanted ? 1 : 0, skipped: isWanted ? 0 : 1 }, isWanted ? 1 : 0)
}

function end(counts, code) {
  console.log(summarise(counts))
  process.exit(code)
}

function findProgram(name) {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
