import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProofCache } from '@watertight/verifier'
import { buildFingerprint } from './build-fingerprint.js'
import { readOwnFile, writeOwnFile } from './own-file.js'
import type { ProofCachePlace } from './proof-cache-place.js'

const keyBytes = 32

/** Older entries make room for newer ones. */
const mostEntries = 64

/**
 * Proofs in files of the current user. Every entry carries an HMAC-SHA-256 over the build, its key and
 * its content: what was written by anybody without the user's key file, by another version, for another
 * key, or only in part, is not there.
 */
export async function openFileProofCache(place: ProofCachePlace): Promise<ProofCache> {
  const [secret, build] = [await secretAt(place.keyFile), await buildFingerprint()]
  const pathOf = (key: string): string =>
    join(place.directory, createHash('sha256').update(key).digest('hex'))
  const tagOf = (key: string, value: string): Buffer =>
    createHmac('sha256', secret)
      .update(`${build} ${Buffer.byteLength(key)} ${key}`)
      .update(value)
      .digest()
  return {
    async get(key) {
      const file = await readOwnFile(pathOf(key))
      if (file === undefined) return undefined
      const value = file.subarray(keyBytes).toString('utf8')
      const isOurs =
        file.length > keyBytes && timingSafeEqual(file.subarray(0, keyBytes), tagOf(key, value))
      return isOurs ? value : undefined
    },
    async set(key, value) {
      await writeOwnFile(pathOf(key), Buffer.concat([tagOf(key, value), Buffer.from(value)]))
      await makeRoom(place.directory)
    },
  }
}

/** The user's own key, made on first use. Two runs that make it at once: the later one counts. */
async function secretAt(path: string): Promise<Buffer> {
  const found = await readOwnFile(path)
  if (found?.length === keyBytes) return found
  await writeOwnFile(path, randomBytes(keyBytes))
  const made = await readOwnFile(path)
  if (made?.length !== keyBytes) throw new Error(`${path} cannot be read back`)
  return made
}

async function makeRoom(directory: string): Promise<void> {
  const names = await readdir(directory)
  if (names.length <= mostEntries) return
  const aged = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(directory, name))).mtimeMs })),
  )
  const oldest = aged.toSorted((a, b) => a.at - b.at).slice(0, names.length - mostEntries)
  await Promise.all(oldest.map(({ name }) => rm(join(directory, name), { force: true })))
}
