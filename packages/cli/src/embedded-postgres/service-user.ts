import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { WatertightError } from 'watertight/errors'

const run = promisify(execFile)

/** The operating-system user that the server runs as; undefined means the current user. */
export interface ServiceUser {
  readonly uid: number
  readonly gid: number
}

/**
 * PostgreSQL refuses to run as root, so root hands the server to `nobody`: unlike a `postgres`
 * account it owns no other server's files on this machine.
 *
 * @throws WatertightError EMBEDDED_POSTGRES_FAILED when root has no such user to switch to
 */
export async function findServiceUser(): Promise<ServiceUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  try {
    const [uid, gid] = await Promise.all([idOf('-u'), idOf('-g')])
    return { uid, gid }
  } catch (cause) {
    throw new WatertightError(
      'EMBEDDED_POSTGRES_FAILED',
      'PostgreSQL does not run as root, and there is no user nobody to run it as.',
      { cause, hint: 'Run the command as an ordinary user.' },
    )
  }
}

async function idOf(flag: '-u' | '-g'): Promise<number> {
  const { stdout } = await run('id', [flag, 'nobody'])
  const id = Number(stdout.trim())
  if (!Number.isInteger(id) || id <= 0) throw new Error(`id ${flag} nobody printed ${stdout}`)
  return id
}

/** Whether every directory on the way to `path` lets any user through. */
export async function isReachableByOthers(path: string): Promise<boolean> {
  const { mode } = await stat(path)
  if ((mode & 0o001) === 0) return false
  const parent = dirname(path)
  return parent === path || isReachableByOthers(parent)
}
