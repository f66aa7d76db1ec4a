import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { WatertightError } from 'watertight/errors'

/** True for the module that the process was started with; false where it is imported. */
export function isProgram(moduleUrl: string): boolean {
  const [, program] = process.argv
  return program !== undefined && realpathSync(program) === fileURLToPath(moduleUrl)
}

/** As the table of exit codes has them; everything else is 70. */
const exitCodes: Readonly<Record<string, number>> = {
  USAGE: 64,
  INVALID_INPUT: 64,
  INVALID_SIGNING_KEY: 64,
  LOAD_FAILED: 64,
  INVALID_MODEL: 64,
  MODEL_MISMATCH: 64,
  ABORTED: 1,
  ACCESS_DENIED: 1,
  MISSING_PRIVILEGE: 1,
  CONSENT_REQUIRED: 4,
  DEVELOPMENT_ONLY: 4,
  LOCK_NOT_AVAILABLE: 4,
  STALE_PLAN: 4,
  UNSAFE_ROLE: 4,
  AUTHENTICATION_FAILED: 69,
  CONNECTION_FAILED: 69,
  KEYS_UNAVAILABLE: 69,
  UNSUPPORTED_SERVER: 69,
  INTERRUPTED: 130,
}

/**
 * Runs a program to its end. A failure is said on standard error, without values of the environment,
 * and becomes the exit code.
 *
 * @param name what the program calls itself
 */
export async function runProgram(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    process.exitCode = report(name, error)
  }
}

function report(name: string, error: unknown): number {
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  if (!(error instanceof WatertightError)) {
    const text = error instanceof Error ? (error.stack ?? error.name) : 'unknown'
    say(`error[INTERNAL]: the ${name} did not foresee this: ${text}`)
    return 70
  }
  say(`error[${error.code}]: ${error.message}`)
  if (error.hint !== undefined) say(`  ${error.hint}`)
  return exitCodes[error.code] ?? 70
}
