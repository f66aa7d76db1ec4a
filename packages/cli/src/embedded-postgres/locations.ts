import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensurePrivateDirectory } from './private-directory.js'
import { isReachableByOthers } from './service-user.js'

const isRoot = process.getuid?.() === 0

/** The directory that holds one run directory per running server of the current user. */
export async function runsDirectory(): Promise<string> {
  return ensurePrivateDirectory(join(await temporaryDirectory(), 'runs'))
}

/**
 * The directory that holds the prepared server binaries: `WATERTIGHT_CACHE_DIR`, else the user's
 * cache directory, else one under the temporary directory. As root only a directory that the
 * server's user can reach will do, which root's own home is usually not.
 */
export async function cacheDirectory(): Promise<string> {
  const override = process.env['WATERTIGHT_CACHE_DIR']
  if (override !== undefined && override !== '') return ensurePrivateDirectory(override)
  const userCache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  const preferred = isRoot ? '/var/cache/watertight' : join(userCache, 'watertight')
  try {
    return await ensurePrivateDirectory(preferred)
  } catch {
    // A read-only or absent home: the temporary directory serves as well, only less long.
    return ensurePrivateDirectory(join(await temporaryDirectory(), 'cache'))
  }
}

async function temporaryDirectory(): Promise<string> {
  // Root's TMPDIR may lie below a directory that the server's user cannot enter.
  const base = isRoot && !(await isReachableByOthers(tmpdir())) ? '/tmp' : tmpdir()
  return ensurePrivateDirectory(join(base, `watertight-${process.getuid?.() ?? 0}`))
}
