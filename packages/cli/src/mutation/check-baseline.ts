import { WatertightError } from 'watertight/errors'
import { findFreePort } from '../embedded-postgres/free-port.js'
import { refuseIfAborted } from '../input/refuse-if-aborted.js'
import type { Progress } from '../terminal/progress.js'
import { tailOf } from './judge-mutants.js'
import { runTests } from './run-tests.js'
import type { TestCommand } from './run-tests.js'
import { databaseOf, urlOf } from './scratch.js'
import type { Scratch } from './scratch.js'

/**
 * Runs the tests without any fault, where they must pass, and without a database, where they must
 * not. Returns how long they take, in milliseconds.
 *
 * @throws TESTS_UNUSABLE when they cannot judge a fault; INTERRUPTED.
 */
export async function checkBaseline(
  scratch: Scratch,
  tests: TestCommand,
  role: string | undefined,
  progress: Progress,
): Promise<number> {
  const copy = await scratch.copy()
  try {
    const url = role === undefined ? copy : urlOf(copy, databaseOf(copy), role)
    progress.step('running the tests without a fault')
    const first = await runTests(tests, { url, superuser: copy })
    refuseIfAborted(tests.signal)
    if (first.outcome !== 'passed') {
      const how = first.outcome === 'timeout' ? 'take too long' : 'fail'
      throw unusable(`the tests ${how} on the database as it is:\n${tailOf(first)}`, tests, {
        hint: 'Let them pass on a fresh copy first: they get it in DATABASE_URL, without rows of their own.',
      })
    }
    progress.step('running the tests without a database')
    const port = String(await findFreePort())
    const nowhere = (text: string): string => {
      const made = new URL(text)
      made.port = port
      return made.href
    }
    const second = await runTests(tests, { url: nowhere(url), superuser: nowhere(copy) })
    refuseIfAborted(tests.signal)
    if (second.outcome === 'passed') {
      throw unusable(
        'the tests pass without any database, so they do not use the one given',
        tests,
        {
          hint: 'Let them connect to DATABASE_URL or the PG* variables, and fail when they cannot.',
        },
      )
    }
    return first.durationMs
  } finally {
    await scratch.drop(copy)
  }
}

function unusable(
  message: string,
  { command }: TestCommand,
  { hint }: { readonly hint: string },
): WatertightError {
  return new WatertightError('TESTS_UNUSABLE', message, { object: command, hint })
}
