import { createRequire } from 'node:module'
import { oncePer } from '../../graph/once-per.js'
import type { LintInput } from '../../lint/rule.js'
import { modelHash } from '../model-hash.js'
import { toolVersion } from '../tool.js'
import { checksum } from './sealed-entry.js'

/** Changes when entries of an older form must not be read. */
const form = '1'

/** Versions that answers are bound to: this package, the solver and the parser. */
function proverVersions(): string {
  const require = createRequire(import.meta.url)
  const versions = ['z3-solver', 'libpg-query'].map((name) => {
    const read: unknown = require(`${name}/package.json`)
    const version: unknown =
      typeof read === 'object' && read !== null ? Reflect.get(read, 'version') : ''
    return `${name}@${String(version)}`
  })
  return [form, toolVersion, ...versions].join(' ')
}

/**
 * The key of all proofs of one run: everything that they are derived from. The whole snapshot counts,
 * not only what is compared between databases; which cluster it was read from does not.
 */
export const resultsKey: (input: LintInput) => string = oncePer(({ catalog, model, roles }) => {
  const { systemIdentifier: _systemIdentifier, ...server } = catalog.server
  const snapshot = JSON.stringify({ ...catalog, server })
  return checksum('results', proverVersions(), snapshot, modelHash(model), JSON.stringify(roles))
})

/** The key of the solver's answers for one database, whatever its catalog is by now. */
export function answersKey({ catalog }: LintInput): string {
  return checksum('answers', proverVersions(), catalog.server.database)
}
