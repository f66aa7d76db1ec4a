import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { WatertightError } from 'watertight/errors'

/** Names of configuration files; the first that is there counts. */
export const configNames = [
  'watertight.config.ts',
  'watertight.config.js',
  'watertight.config.mjs',
  'watertight.config.json',
] as const

/**
 * The configuration file: the one given, or the first found from `cwd` upward.
 *
 * @throws INVALID_INPUT when the given one is not there.
 */
export async function findConfig(cwd: string, given?: string): Promise<string | null> {
  if (given !== undefined) {
    const path = resolve(cwd, given)
    if (await isFile(path)) return path
    throw new WatertightError('INVALID_INPUT', `there is no configuration file ${path}`, {
      object: path,
      hint: 'Check --config, or run `watertight init` to make one.',
    })
  }
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    for (const name of configNames) {
      const path = join(folder, name)
      if (await isFile(path)) return path
    }
    if (dirname(folder) === folder) return null
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}
