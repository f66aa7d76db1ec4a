import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { WatertightError } from 'watertight/errors'

const run = promisify(execFile)
const limits = { maxBuffer: 400_000_000 } as const

/**
 * Runs `use` on a copy of a folder as a git revision has it; the copy is removed afterwards.
 *
 * @throws INVALID_INPUT when the revision does not have the folder.
 */
export async function withFolderOfRevision<T>(
  folder: string,
  revision: string,
  use: (copy: string) => Promise<T>,
): Promise<T> {
  const copy = await mkdtemp(join(tmpdir(), 'watertight-revision-'))
  try {
    // `--end-of-options`: a revision that begins with a dash is none.
    const { stdout } = await run(
      'git',
      ['-C', folder, 'ls-tree', '-r', '-z', '--name-only', '--end-of-options', revision, '.'],
      limits,
    )
    const names = stdout.split('\0').filter((name) => name !== '')
    if (names.length === 0) throw new Error('the revision does not have the folder')
    for (const name of names) {
      const file = join(copy, name)
      const shown = await run(
        'git',
        ['-C', folder, 'show', '--end-of-options', `${revision}:./${name}`],
        { ...limits, encoding: 'buffer' },
      )
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, shown.stdout)
    }
    return await use(copy)
  } catch (error) {
    const isOfGit =
      error instanceof Error && ('stderr' in error || error.message.startsWith('the rev'))
    if (!isOfGit) throw error
    throw new WatertightError('INVALID_INPUT', `git has no ${folder} at ${revision}`, {
      object: revision,
      hint: 'Name a branch, tag or commit in which the folder of migrations exists.',
      cause: error,
    })
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}
