import type { ServerMajor } from './server-major.js'

/** The servers that a run tests against, wherever they come from. */
export interface RunServers {
  readonly majors: readonly ServerMajor[]
  /** Superuser URL of the server's `postgres` database. */
  urlOf(major: ServerMajor): Promise<string>
  /** Leaves nothing of the run behind. */
  stop(): Promise<void>
}

/** Says in the test output what is going on before the first test can run. */
export function announce(line: string): void {
  process.stdout.write(`${line}\n`)
}
