import { constants, existsSync } from 'node:fs'
import {
  chmod,
  copyFile,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
} from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { PostgresBinaries } from './binaries.js'

/**
 * Makes, once per package version, a copy of the binaries that is complete and that the server's
 * user can reach. The npm package lacks the symbolic links of its libraries (its install script
 * would make them, and install scripts are not run here), and node_modules may be read-only or lie
 * below a directory closed to other users.
 *
 * @returns the directory with `bin`, `lib` and `share`
 */
export async function prepareRuntimeImage(
  binaries: PostgresBinaries,
  cache: string,
  onProgress?: (line: string) => void,
): Promise<string> {
  const image = join(cache, `postgres-${binaries.version}-${process.platform}-${process.arch}`)
  if (existsSync(image)) return image
  onProgress?.(`preparing the binaries of PostgreSQL ${binaries.major} in ${cache}`)
  const draft = await mkdtemp(`${image}.draft-`)
  try {
    await cloneTree(binaries.nativeDirectory, draft)
    await restoreSymlinks(draft)
    await rename(draft, image)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // Another process finished the same image first: renaming onto a filled directory fails.
    if (!existsSync(image)) throw error
  }
  return image
}

async function cloneTree(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true })
  await chmod(target, 0o755)
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const from = join(source, entry.name)
    const to = join(target, entry.name)
    if (entry.isDirectory()) await cloneTree(from, to)
    else if (entry.isSymbolicLink()) await symlink(await readlink(from), to)
    else await cloneFile(from, to)
  }
}

/** A hard link costs no space; a copy serves across file systems and for files closed to others. */
async function cloneFile(from: string, to: string): Promise<void> {
  const { mode } = await lstat(from)
  if ((mode & 0o004) !== 0) {
    try {
      await link(from, to)
      return
    } catch {
      // Another file system, or a file of another user: copied below.
    }
  }
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  await chmod(to, (mode & 0o100) === 0 ? 0o644 : 0o755)
}

async function restoreSymlinks(image: string): Promise<void> {
  const listFile = join(image, 'pg-symlinks.json')
  if (!existsSync(listFile)) return
  for (const { source, target } of parseLinks(await readFile(listFile, 'utf8'))) {
    const path = join(image, relative('native', target))
    if (existsSync(path)) continue
    await symlink(relative(dirname(target), source), path)
  }
}

function parseLinks(text: string): { source: string; target: string }[] {
  const parsed: unknown = JSON.parse(text)
  if (!Array.isArray(parsed)) return []
  const entries: unknown[] = parsed
  return entries.filter(isLink)
}

function isLink(entry: unknown): entry is { source: string; target: string } {
  if (typeof entry !== 'object' || entry === null) return false
  if (!('source' in entry && 'target' in entry)) return false
  return [entry.source, entry.target].every(
    (path) => typeof path === 'string' && path.startsWith('native/') && !path.includes('..'),
  )
}
