import { lchown, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServiceUser } from './service-user.js'

/** Hands a directory with its contents to the server's user; does nothing without one. */
export async function chownTree(path: string, user: ServiceUser | undefined): Promise<void> {
  if (user === undefined) return
  await lchown(path, user.uid, user.gid)
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name)
    if (entry.isDirectory()) await chownTree(child, user)
    else await lchown(child, user.uid, user.gid)
  }
}
