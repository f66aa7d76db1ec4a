import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { countTests, summarise } from './count-tests.mjs'
import { build, buildConsole, install } from './prepare.mjs'
import { root, runNode } from './run-program.mjs'

// npm run test:e2e [-- FILTER …]: the console in Chromium against the platform and PostgreSQL, which this
// starts and stops. Ends with the line "N passed, N failed". With --serve it only starts them, for looking.
const { values, positionals } = parseArgs({
  options: { serve: { type: 'boolean', default: false } },
  allowPositionals: true,
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
const served = await startPlatform()
try {
  if (values.serve) {
    console.log(`The console is at ${served.origin}; the password of everybody is “${password}”.`)
    await new Promise((resolve) => process.once('SIGINT', resolve))
  } else {
    const report = join(scratch, 'report.json')
    const code = await runNode(
      join(root, 'node_modules/vitest/vitest.mjs'),
      [
        'run',
        '--config=apps/console/test/e2e/vitest.config.ts',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...positionals,
      ],
      {
        env: {
          E2E_ORIGIN: served.origin,
          E2E_PASSWORD: password,
          E2E_STATE: scratch,
          E2E_CHROMIUM: chromium,
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

/** The platform of this workspace in this process, on a free port, over a database of its own. */
async function startPlatform() {
  const built = join(root, 'apps/platform/dist')
  const { bootPlatform } = await import(join(built, 'boot/boot-platform.js'))
  const { roleUrlsOf } = await import(join(built, 'boot/role-urls.js'))
  const { readServerSetup } = await import(join(built, 'serve/read-server-setup.js'))
  const { servePlatform } = await import(join(built, 'serve/serve-platform.js'))
  console.log('Starting the platform …')
  const platform = await bootPlatform({
    url: null,
    dataDir: null,
    database: 'watertight_e2e',
    rolePrefix: 'e2e',
    signingKey: undefined,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  })
  const stopAll = async (server) => {
    await server?.stop()
    await platform.stop()
  }
  try {
    const server = await servePlatform({
      urls: roleUrlsOf(platform),
      signingKey: platform.signingKey,
      keys: platform.keys,
      setup: readServerSetup({
        PORT: '0',
        DEMO_PASSWORD: password,
        CONSOLE_FOLDER: join(root, 'apps/console/dist/web'),
      }),
      workers: true,
    })
    return { origin: server.publicUrl, stop: () => stopAll(server) }
  } catch (error) {
    await stopAll()
    throw error
  }
}

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
