import { WatertightError } from 'watertight/errors'

/**
 * Imports a TypeScript or JavaScript configuration file and returns its default export. `watertight`
 * is the CLI's own copy, so that a project need not have installed it.
 */
export async function importConfig(path: string): Promise<unknown> {
  const { createJiti } = await import('jiti')
  const jiti = createJiti(path, {
    virtualModules: {
      watertight: await import('watertight'),
      'watertight/errors': await import('watertight/errors'),
      'watertight/model': await import('watertight/model'),
      'watertight/sql': await import('watertight/sql'),
    },
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
