import { createRequire } from 'node:module'
import { WatertightError } from 'watertight/errors'

/** Subpaths of `watertight` that a configuration file may import. */
const subpaths = ['', '/errors', '/model', '/sql'] as const

/**
 * Imports a TypeScript or JavaScript configuration file and returns its default export. `watertight`
 * resolves to the CLI's own copy, so that a project need not have installed it.
 */
export async function importConfig(path: string): Promise<unknown> {
  const { createJiti } = await import('jiti')
  const { resolve } = createRequire(import.meta.url)
  const jiti = createJiti(path, {
    alias: Object.fromEntries(
      subpaths
        .map((subpath) => `watertight${subpath}`)
        .toSorted((left, right) => right.length - left.length)
        .map((name) => [name, resolve(name)]),
    ),
    // Nothing is written beside the user's files, and a changed file is read again.
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
  })
  const module: unknown = await jiti.import(path)
  if (typeof module !== 'object' || module === null || !('default' in module)) {
    throw new WatertightError('INVALID_INPUT', 'has no default export')
  }
  return module.default
}
