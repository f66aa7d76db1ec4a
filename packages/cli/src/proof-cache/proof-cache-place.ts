import { join } from 'node:path'
import type { Variables } from '../terminal/style.js'

/** Where proofs are kept, and the key that authenticates them. */
export interface ProofCachePlace {
  readonly directory: string
  readonly keyFile: string
}

/**
 * `WATERTIGHT_CACHE_DIR`, else the user's cache directory; undefined without a home. The key lies in the
 * state directory, apart from the proofs: a cache that is copied or restored from elsewhere is not
 * believed.
 */
export function proofCachePlace(variables: Variables): ProofCachePlace | undefined {
  const home = variables['HOME'] ?? ''
  const below = (folder: string): string => (home === '' ? '' : join(home, folder))
  const userCache = variables['XDG_CACHE_HOME'] || below('.cache')
  const state = variables['XDG_STATE_HOME'] || below('.local/state')
  const cache = variables['WATERTIGHT_CACHE_DIR'] || (userCache && join(userCache, 'watertight'))
  if (cache === '' || state === '') return undefined
  return {
    directory: join(cache, 'proofs'),
    keyFile: join(state, 'watertight', 'proof-cache.key'),
  }
}
