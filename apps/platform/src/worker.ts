import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { WatertightError } from 'watertight/errors'
import { runWorkerProcess } from './workers/worker-process.js'

export { startWorkers } from './workers/start-workers.js'
export type { RunningWorkers, WorkerOptions } from './workers/start-workers.js'

function isProgram(): boolean {
  const [, program] = process.argv
  return program !== undefined && realpathSync(program) === fileURLToPath(import.meta.url)
}

/** As the table of exit codes has them; everything else is 70. */
const exitCodes: Readonly<Record<string, number>> = {
  INVALID_INPUT: 64,
  INVALID_SIGNING_KEY: 64,
  DEVELOPMENT_ONLY: 4,
  UNSAFE_ROLE: 4,
  CONNECTION_FAILED: 69,
  AUTHENTICATION_FAILED: 69,
}

/** Says what went wrong, without values of the environment, and returns the exit code for it. */
function report(error: unknown): number {
  if (!(error instanceof WatertightError)) {
    const name = error instanceof Error ? (error.stack ?? error.name) : 'unknown'
    process.stderr.write(`error[INTERNAL]: the worker did not foresee this: ${name}\n`)
    return 70
  }
  process.stderr.write(`error[${error.code}]: ${error.message}\n`)
  return exitCodes[error.code] ?? 70
}

// Imported, it is a library; as the program of a process, it is a worker.
if (isProgram()) {
  try {
    await runWorkerProcess(process.env, (line) => {
      process.stdout.write(`${JSON.stringify(line)}\n`)
    })
  } catch (error) {
    process.exitCode = report(error)
  }
}
