import { constants } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'

/** Larger files are no entry of ours. */
const mostBytes = 256 * 2 ** 20

/**
 * Reads a file that nobody but the current user can have written; undefined for one that is absent, a
 * link, somebody else's, or open to the group or the world.
 */
export async function readOwnFile(path: string): Promise<Buffer | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      const found = await file.stat()
      const isOwn = process.getuid === undefined || found.uid === process.getuid()
      const isPrivate = process.platform === 'win32' || (found.mode & 0o022) === 0
      if (!found.isFile() || !isOwn || !isPrivate || found.size > mostBytes) return undefined
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}

/** Writes a file for the current user alone; readers see the old one or the new one, never a part. */
export async function writeOwnFile(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomUUID()}`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(content)
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
