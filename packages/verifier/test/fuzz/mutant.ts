import type { CatalogSnapshot } from 'watertight/catalog'
import type { Encoders } from '../../src/prove/encode/encoding.js'

/** A fault put into the prover on purpose, to see that it is noticed. */
export interface Mutant {
  readonly name: string
  readonly encoders?: Encoders
  readonly catalog?: (catalog: CatalogSnapshot) => CatalogSnapshot
}

export const noMutant: Mutant = { name: 'none' }
