import type pg from 'pg'
import { ident, joinSql, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { CommandEnvironment } from '../command-environment.js'
import { printableLine } from '../terminal/printable.js'
import type { Progress } from '../terminal/progress.js'
import type { Prelude } from './prelude/choose-prelude.js'
import { refuseIfAborted } from './refuse-if-aborted.js'
import type { Script } from './script-file.js'

/**
 * Loads scripts one after the other, after the stand-in for the platform that they are written for.
 *
 * @throws LOAD_FAILED, INTERRUPTED
 */
export async function loadScripts(
  client: pg.Client,
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
}

function searchPathOf({ searchPath }: Prelude): Sql {
  // As in a dump: bodies may call what only the platform has.
  return sql`set check_function_bodies = off; set search_path = ${joinSql(searchPath.map((name) => ident(name)))}`
}
