import { inject } from 'vitest'
import type { ServerMajor } from './server-major.js'

/** What the global set-up tells every test file of a run. */
export interface RunEnvironment {
  /** In the name of every database and role of this run. */
  readonly runId: string
  readonly majors: readonly ServerMajor[]
  /** Where to ask for the superuser URL of a server: `<service>/<major>`. Starts it when needed. */
  readonly service: string
}

declare module 'vitest' {
  interface ProvidedContext {
    runEnvironment: RunEnvironment
  }
}

/** The environment of this run. */
export const runEnvironment: RunEnvironment = inject('runEnvironment')

const serverUrls = new Map<ServerMajor, Promise<string>>()

/** Superuser URL of a server of this run; the first call for a version starts the server. */
export function serverUrl(major: ServerMajor): Promise<string> {
  const known = serverUrls.get(major)
  if (known !== undefined) return known
  const asked = askForServer(major)
  serverUrls.set(major, asked)
  return asked
}

async function askForServer(major: ServerMajor): Promise<string> {
  const response = await fetch(`${runEnvironment.service}/${major}`)
  const body = await response.text()
  if (!response.ok) throw new Error(`No PostgreSQL ${major} for the tests: ${body}`)
  return body
}
