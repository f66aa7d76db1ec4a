import { WatertightError } from 'watertight/errors'
import { ident, joinSql, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { CommandEnvironment } from '../command-environment.js'
import { connectionTarget } from '../connection/connection-target.js'
import { withConnection } from '../connection/open-connection.js'
import type { Connection } from '../connection/open-connection.js'
import type { EmbeddedPostgres, PostgresMajor } from '../embedded-postgres/index.js'
import { count } from '../report/count.js'
import { printableLine } from '../terminal/printable.js'
import { createProgress } from '../terminal/progress.js'
import type { Progress } from '../terminal/progress.js'
import { choosePrelude } from './prelude/choose-prelude.js'
import type { Prelude, preludeChoices } from './prelude/choose-prelude.js'
import type { Script } from './script-file.js'
import { readSource } from './read-source.js'

/** A connection to what was given, and whether it is a local copy that may be written to. */
export interface OpenSource extends Connection {
  /** The scripts were loaded into a database of their own. */
  readonly isLocalCopy: boolean
  /** The scripts that were loaded; empty for a database. */
  readonly scripts: readonly Script[]
}

/** What tells the source of a command. */
export interface SourceInput {
  readonly operands?: readonly string[]
  readonly url?: string | undefined
  readonly serverVersion?: '15' | '16' | '17' | '18' | undefined
  readonly prelude?: (typeof preludeChoices)[number] | undefined
}

/**
 * Connects to the database that is given, or starts a local PostgreSQL and loads the scripts that
 * are; then runs `use` and cleans up.
 *
 * @throws LOAD_FAILED, INVALID_INPUT, CONNECTION_FAILED, EMBEDDED_POSTGRES_FAILED, ...
 */
export async function withSource<T>(
  input: SourceInput,
  env: CommandEnvironment,
  use: (source: OpenSource) => Promise<T>,
): Promise<T> {
  const source = await readSource(input.operands?.[0], env)
  if (source.kind === 'url') {
    const target = connectionTarget({ argument: source.url, flag: input.url }, env.variables)
    return withConnection(target, env, (connection) =>
      use({ ...connection, isLocalCopy: false, scripts: [] }),
    )
  }
  const progress = createProgress(env.err)
  const server = await startServer(input, source.scripts, progress, env)
  try {
    const target = { url: server.url, source: source.name }
    return await withConnection(target, env, async (connection) => {
      const prelude = choosePrelude(input.prelude ?? 'auto', source.scripts, source.name)
      await loadScripts(connection, source.scripts, prelude, progress, env)
      progress.end()
      return use({ ...connection, isLocalCopy: true, scripts: source.scripts })
    })
  } finally {
    progress.end()
    await server.stop()
  }
}

async function loadScripts(
  { client }: Connection,
  scripts: readonly Script[],
  prelude: Prelude | null,
  progress: Progress,
  env: CommandEnvironment,
): Promise<void> {
  const { loadScript } = await import('./load-script.js')
  const notes = new Set<string>()
  if (prelude !== null) {
    await client.query(prelude.text)
    env.err.lines(
      `note: the scripts refer to what ${prelude.name} has ready: a stand-in of it was loaded first (--prelude none leaves it out)`,
    )
  }
  for (const [index, script] of scripts.entries()) {
    progress.step(`loading ${script.name}`, index, scripts.length)
    // Scripts may leave a setting behind (pg_dump empties search_path); each starts afresh.
    await client.query('reset all')
    if (prelude !== null) await client.query(searchPathOf(prelude).text)
    await loadScript(client, script, {
      ...(prelude !== null && { standIns: prelude.extensions }),
      skipsStrayRows: true,
      onNote: (note) => notes.add(note),
      refuseIfAborted: () => refuseIfAborted(env.signal),
    })
  }
  await client.query('reset all')
  progress.end()
  for (const note of notes) env.err.lines(`note: ${printableLine(note)}`)
  env.err.lines(`loaded ${count(scripts.length, 'script')} into a local PostgreSQL`)
}

function searchPathOf({ searchPath }: Prelude): Sql {
  // As in a dump: bodies may call what only the platform has.
  return sql`set check_function_bodies = off; set search_path = ${joinSql(searchPath.map((name) => ident(name)))}`
}

async function startServer(
  input: SourceInput,
  scripts: readonly Script[],
  progress: Progress,
  env: CommandEnvironment,
): Promise<EmbeddedPostgres> {
  refuseIfAborted(env.signal)
  const { startEmbeddedPostgres } = await import('../embedded-postgres/index.js')
  const start = (major: PostgresMajor): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({ major, onProgress: (line) => progress.step(line) })
  if (input.serverVersion !== undefined) return start(majors[input.serverVersion])
  const dumped = dumpedFrom(scripts)
  if (dumped === null) return start(18)
  try {
    return await start(dumped)
  } catch (error) {
    const isMissing = error instanceof WatertightError && error.code === 'EMBEDDED_POSTGRES_MISSING'
    if (!isMissing || dumped === 18) throw error
    env.err.lines(`note: the dump is of PostgreSQL ${dumped}, which is not installed; 18 is used`)
    return start(18)
  }
}

const majors: Readonly<Record<'15' | '16' | '17' | '18', PostgresMajor>> = {
  '15': 15,
  '16': 16,
  '17': 17,
  '18': 18,
}

/** The version in the header that pg_dump writes. */
function dumpedFrom(scripts: readonly Script[]): PostgresMajor | null {
  const header = scripts[0]?.text.slice(0, 2_000) ?? ''
  const major = /^-- Dumped from database version (1[5-8])\b/m.exec(header)?.[1]
  return major === undefined ? null : majors[major as keyof typeof majors]
}

/** @throws INTERRUPTED once the signal has fired. */
export function refuseIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return
  throw new WatertightError('INTERRUPTED', 'interrupted; nothing was changed', {
    cause: signal.reason,
  })
}
