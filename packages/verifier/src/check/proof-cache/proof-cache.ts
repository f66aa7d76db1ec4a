/**
 * Where proofs are kept between runs. Keys and values are opaque text; a store may forget anything.
 *
 * SECURITY: who can write to the store decides what is called proven. `get` must return only what
 * `set` was given for the same key; a store that others can write to has to authenticate it.
 */
export interface ProofCache {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string): Promise<void>
}
