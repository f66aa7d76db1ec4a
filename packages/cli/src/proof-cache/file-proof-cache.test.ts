import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openFileProofCache } from './file-proof-cache.js'
import { proofCachePlace } from './proof-cache-place.js'
import type { ProofCachePlace } from './proof-cache-place.js'

let home: string
let place: ProofCachePlace

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'watertight-cache-'))
  place = proofCachePlace({ HOME: home }) as ProofCachePlace
})
afterEach(() => rm(home, { recursive: true, force: true }))

async function onlyEntry(): Promise<string> {
  const [name = ''] = await readdir(place.directory)
  return join(place.directory, name)
}

describe('the cache of proofs on disk', () => {
  it('returns what was stored, also to another process of the user', async () => {
    await (await openFileProofCache(place)).set('key', 'value')
    const again = await openFileProofCache(place)
    expect(await again.get('key')).toBe('value')
    expect(await again.get('other')).toBeUndefined()
  })

  it('is readable by its user alone', async () => {
    await (await openFileProofCache(place)).set('key', 'value')
    expect((await stat(await onlyEntry())).mode & 0o777).toBe(0o600)
    expect((await stat(place.keyFile)).mode & 0o777).toBe(0o600)
    expect((await stat(place.directory)).mode & 0o777).toBe(0o700)
  })

  it.each([
    ['one bit of the content', (bytes: Buffer) => flipped(bytes, bytes.length - 1)],
    ['one bit of the tag', (bytes: Buffer) => flipped(bytes, 0)],
    ['the end', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['everything', () => Buffer.alloc(0)],
  ])('forgets an entry when somebody changed %s', async (_what, change) => {
    const cache = await openFileProofCache(place)
    await cache.set('key', 'value')
    const path = await onlyEntry()
    await writeFile(path, change(await readFile(path)))
    expect(await cache.get('key')).toBeUndefined()
  })

  it('forgets an entry that was copied to the place of another key', async () => {
    const cache = await openFileProofCache(place)
    await cache.set('key', 'value')
    const entry = await readFile(await onlyEntry())
    await cache.set('other', 'something')
    for (const name of await readdir(place.directory))
      await writeFile(join(place.directory, name), entry)
    expect(await cache.get('other')).toBeUndefined()
    expect(await cache.get('key')).toBe('value')
  })

  it('does not believe a cache that was restored from another machine', async () => {
    await (await openFileProofCache(place)).set('key', 'value')
    await rm(place.keyFile)
    expect(await (await openFileProofCache(place)).get('key')).toBeUndefined()
  })

  it('does not believe an entry that others may write to, or a link', async () => {
    const cache = await openFileProofCache(place)
    await cache.set('key', 'value')
    const path = await onlyEntry()
    await chmod(path, 0o620)
    expect(await cache.get('key')).toBeUndefined()
    await chmod(path, 0o600)
    expect(await cache.get('key')).toBe('value')
    const moved = join(home, 'moved')
    await writeFile(moved, await readFile(path), { mode: 0o600 })
    await rm(path)
    await symlink(moved, path)
    expect(await cache.get('key')).toBeUndefined()
  })

  it('keeps a bounded number of entries', async () => {
    const cache = await openFileProofCache(place)
    for (let n = 0; n < 70; n += 1) await cache.set(`key ${n}`, 'value')
    expect(await readdir(place.directory)).toHaveLength(64)
  })

  it('has no place without a home', () => {
    expect(proofCachePlace({})).toBeUndefined()
    expect(proofCachePlace({ XDG_CACHE_HOME: '/c', XDG_STATE_HOME: '/s' })).toEqual({
      directory: '/c/watertight/proofs',
      keyFile: '/s/watertight/proof-cache.key',
    })
  })
})

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at)
  return copy
}
