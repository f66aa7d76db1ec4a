import { createScreen, exitCodeByError } from '@watertight/cli'
import type { Screen } from '@watertight/cli'
import { exitCodeOf } from '@watertight/verifier'
import type { CheckResult } from '@watertight/verifier'
import { renderPretty } from '@watertight/verifier/report'
import { WatertightError } from 'watertight/errors'
import { bootPlatform } from './boot/boot-platform.js'
import type { BootedPlatform } from './boot/boot-platform.js'
import { checkIsolation } from './boot/check-isolation.js'
import { connectAdmin } from './boot/connect-admin.js'
import { openTxManager } from './boot/open-tx-manager.js'
import { loginUrlOf, roleUrlsOf } from './boot/role-urls.js'
import { demoActors } from './demo-data/index.js'
import { startEraser } from './eraser/start-eraser.js'
import { recordCheck } from './isolation/checker/run-check.js'
import { startChecker } from './isolation/checker/start-checker.js'
import { readKeySetup } from './keys/read-key-setup.js'
import { untilAborted } from './program/ending-signal.js'
import { renderSignIn } from './serve/demo-sign-in.js'
import { readServerSetup } from './serve/read-server-setup.js'
import { servePlatform } from './serve/serve-platform.js'
import { parseStartOptions, usage } from './start-options.js'
import { renderViews, viewsOf } from './tour/actor-view.js'
import { renderAddresses } from './tour/addresses.js'
import { attemptCrossing, renderAttempts } from './tour/cross-tenant-attempts.js'

/** Seconds between looks for tenants that are to be erased. */
const eraserInterval = 30

const out = createScreen(process.stdout, process.env)
const err = createScreen(process.stderr, process.env)
const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // A second one ends the process at once; an embedded server ends with it.
    if (interruption.signal.aborted) process.exit(130)
    interruption.abort(new Error(`received ${signal}`))
  })
}

try {
  process.exitCode = await start()
} catch (error) {
  process.exitCode = report(error, err)
}

async function start(): Promise<number> {
  const options = parseStartOptions(process.argv.slice(2), process.env)
  if (options.help) {
    out.write(usage)
    return 0
  }
  const keys = readKeySetup(process.env)
  const setup = readServerSetup(process.env)
  const platform = await bootPlatform({
    ...options,
    url: options.databaseUrl,
    ...(keys && { keys }),
    signal: interruption.signal,
    onProgress: (line) => err.lines(line),
  })
  try {
    const code = await showIsolation(platform)
    if (options.once || interruption.signal.aborted) {
      return interruption.signal.aborted ? 130 : code
    }
    const served = await servePlatform({
      urls: roleUrlsOf(platform),
      signingKey: platform.signingKey,
      keys: platform.keys,
      setup,
      workers: true,
      diagnosticsUrl: platform.server.adminUrl,
      onDemoMail: ({ to, subject, text }) =>
        err.lines(
          '',
          `A mail to ${to}: ${subject}`,
          ...text.split('\n').map((line) => `  ${line}`),
        ),
    })
    const checker = startChecker(platform.server.adminUrl, options.rolePrefix)
    const eraser = startEraser({
      databaseUrl: loginUrlOf(platform, 'eraser'),
      storage: served.exports,
      interval: eraserInterval,
      log: (line) => served.log.info(line, 'eraser'),
    })
    try {
      out.lines('', ...renderAddresses(platform, Object.values(demoActors)))
      out.lines('', ...(await renderSignIn(served)))
      err.lines('', 'The platform is up. Ctrl-C ends it.')
      await untilAborted(interruption.signal)
      return 0
    } finally {
      err.lines('finishing what is in hand')
      await checker.stop()
      await eraser.stop()
      await served.stop()
    }
  } finally {
    err.lines('stopping')
    await platform.stop()
  }
}

/** Prints the coverage table and what the actors see; returns the exit code of the check. */
async function showIsolation(platform: BootedPlatform): Promise<number> {
  const { signingKey } = platform
  err.lines('checking the isolation: catalog, then cross-tenant probes as every role')
  const result = await checkAndRecord(platform)
  const { hasColour: color, hasUnicode: unicode, width } = out.style
  out.write(renderPretty(result, { color, unicode, width }))
  const { tx, close } = await openTxManager(roleUrlsOf(platform), signingKey)
  try {
    const views = await viewsOf(tx, Object.values(demoActors))
    out.lines('', out.style.bold('What each actor sees'), ...renderViews(views, '-'))
    const attempts = await attemptCrossing(tx)
    const title = `What ${demoActors.securityAdmin.name} of Northgate Security can do to the school`
    out.lines('', out.style.bold(title), ...renderAttempts(attempts))
  } finally {
    await close()
  }
  return exitCodeOf(result, { allowUnknown: false })
}

/** The check of the console's isolation page; also without a record where another run is open. */
async function checkAndRecord({ admin, model, server }: BootedPlatform): Promise<CheckResult> {
  const record = await connectAdmin(server.adminUrl)
  try {
    const recorded = await recordCheck({ checked: admin, record }, model)
    return recorded ?? (await checkIsolation(admin, model))
  } finally {
    await record.end()
  }
}

/** Says what went wrong and returns the exit code for it. */
function report(error: unknown, screen: Screen): number {
  if (!(error instanceof WatertightError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    screen.lines('error[INTERNAL]: the platform did not foresee this:', text)
    return 70
  }
  screen.lines(`error[${error.code}]: ${error.message}`)
  if (error.hint !== undefined) screen.lines(`  ${error.hint}`)
  return exitCodeByError[error.code]
}
