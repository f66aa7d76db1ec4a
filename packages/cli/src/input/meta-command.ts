import { WatertightError } from 'watertight/errors'
import { locate } from './load-error.js'
import type { MetaPart } from './split-statements.js'
import type { Script } from './script-file.js'

/** Commands of psql that change nothing about what a script creates. */
const harmless =
  /^\\(restrict|unrestrict|echo|qecho|warn|pset|set|unset|timing|encoding|x|a|t|c|connect|o|q|\.)(\s|$)/

/**
 * Passes over a command of psql that does not matter here, `\connect` included: everything is loaded
 * into one database.
 *
 * @throws LOAD_FAILED for those that do matter, such as `\i` and `\copy`.
 */
export function passMetaCommand(script: Script, part: MetaPart): void {
  if (harmless.test(part.text)) return
  const [command = part.text] = part.text.split(/\s/)
  throw new WatertightError(
    'LOAD_FAILED',
    `${locate(script, part.start)}: ${command} is a command of psql, not SQL`,
    {
      object: locate(script, part.start),
      hint: 'Load the script with psql into a database and give its URL.',
    },
  )
}
