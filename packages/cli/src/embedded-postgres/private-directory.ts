import { chmod, lstat, mkdir } from 'node:fs/promises'
import { WatertightError } from 'watertight/errors'

/**
 * Makes a directory that only the current user can write to and that others can pass through (the
 * server may run as another user). Security: under a world-writable temporary directory somebody
 * else could have made it, or put a link there, beforehand; that is refused.
 *
 * @throws WatertightError EMBEDDED_POSTGRES_FAILED
 */
export async function ensurePrivateDirectory(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o711 })
  const found = await lstat(path)
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new WatertightError(
      'EMBEDDED_POSTGRES_FAILED',
      `${path} is not a directory owned by the current user.`,
      { object: path, hint: 'Remove it, or set TMPDIR to a directory of your own.' },
    )
  }
  if ((found.mode & 0o777) !== 0o711) await chmod(path, 0o711)
  return path
}
