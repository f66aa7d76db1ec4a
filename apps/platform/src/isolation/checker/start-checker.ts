import { fork } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A checker in a process of its own. */
export interface RunningChecker {
  /** Ends it, also in the middle of a run. */
  stop(): Promise<void>
}

/** Longest time that a checker is given to finish its run, in milliseconds. */
const patience = 3000

/**
 * Starts the program `checker`, so that proofs and probes slow no request down.
 *
 * @param url of a superuser; no other process has it
 */
export function startChecker(url: string, rolePrefix: string): RunningChecker {
  const program = fileURLToPath(new URL('../../checker.js', import.meta.url))
  const child = fork(program, [], {
    env: {
      PATH: process.env['PATH'],
      PLATFORM_CHECK_URL: url,
      PLATFORM_ROLE_PREFIX: rolePrefix,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
    // A signal to the group of the terminal is for the program that started it.
    detached: true,
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    async stop() {
      child.kill('SIGTERM')
      const timer = new AbortController()
      const late = wait(patience, undefined, { signal: timer.signal }).then(
        () => child.kill('SIGKILL'),
        () => false,
      )
      await ended
      timer.abort()
      await late
    },
  }
}
