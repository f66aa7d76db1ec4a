import { chown, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensurePrivateDirectory } from './private-directory.js'

let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'watertight-test-'))
})

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true })
})

test('others may pass through a directory of ours but not list or write it', async () => {
  const path = join(scratch, 'loose')
  await mkdir(path)
  await ensurePrivateDirectory(path)
  expect((await stat(path)).mode & 0o777).toBe(0o711)
})

test('a link planted in a shared directory is refused', async () => {
  const path = join(scratch, 'link')
  await symlink(tmpdir(), path)
  await expect(ensurePrivateDirectory(path)).rejects.toMatchObject({
    code: 'EMBEDDED_POSTGRES_FAILED',
    object: path,
  })
})

test('a directory of another user is refused', async () => {
  let path = '/'
  if (process.getuid?.() === 0) {
    path = join(scratch, 'foreign')
    await mkdir(path)
    await chown(path, 65_534, 65_534)
  }
  await expect(ensurePrivateDirectory(path)).rejects.toMatchObject({
    code: 'EMBEDDED_POSTGRES_FAILED',
  })
})
