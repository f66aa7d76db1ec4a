import { chmod, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { canonicalDataDirectory, checkDataDirectory } from './data-directory.js'

let scratch: string

beforeAll(async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), 'watertight-test-')))
  await chmod(scratch, 0o755)
})

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true })
})

test('a directory that the server’s user cannot enter is refused before anything is made', async () => {
  const closed = join(scratch, 'closed')
  await mkdir(closed, { mode: 0o700 })
  const dataDir = join(closed, 'data')
  const otherUser = { uid: 65_534, gid: 65_534 }
  await expect(checkDataDirectory(dataDir, 18, otherUser)).rejects.toMatchObject({
    code: 'DATA_DIRECTORY_UNUSABLE',
    object: dataDir,
    message: expect.stringContaining(closed),
  })
  await chmod(closed, 0o711)
  expect(await checkDataDirectory(dataDir, 18, otherUser)).toBe(false)
})

test('a directory has one name, however it is spelled', async () => {
  const link = join(scratch, 'link')
  await symlink(scratch, link)
  const spellings = ['one', './two/../one'].map((part) => `${link}/${part}`)
  for (const spelling of spellings) {
    expect(await canonicalDataDirectory(spelling)).toBe(join(scratch, 'one'))
  }
})
