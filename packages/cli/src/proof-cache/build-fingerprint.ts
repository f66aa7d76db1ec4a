import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Changes whenever the code that proves changes: the version alone does not in a working copy, or when
 * somebody patches the installed packages. SHA-256 over places, sizes and times of the files.
 */
export async function buildFingerprint(): Promise<string> {
  const hash = createHash('sha256')
  for (const name of ['@watertight/verifier', 'watertight/catalog']) {
    const folder = dirname(fileURLToPath(import.meta.resolve(name)))
    const entries = await readdir(folder, { recursive: true })
    for (const entry of entries.filter((each) => /\.(js|ts)$/.test(each)).toSorted()) {
      const { size, mtimeMs } = await stat(join(folder, entry))
      hash.update(`${name} ${entry} ${size} ${mtimeMs}\n`)
    }
  }
  return hash.digest('hex')
}
