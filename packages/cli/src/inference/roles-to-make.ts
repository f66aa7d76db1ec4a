import type { CatalogSnapshot } from 'watertight/catalog'
import type { Inference } from './inference.js'
import { usualRole } from './render-config.js'

/**
 * The inference with roles of watertight's own where the application logs in as the owner of its
 * tables: no policy holds an owner, who can drop it, so a declaration with that role cannot be planned.
 * A database whose policies read a context already keeps its roles, as `check` has to see them.
 */
export function withRolesToMake(inference: Inference, catalog: CatalogSnapshot): Inference {
  const { roles, context, ...rest } = inference.input
  const app = roles?.app
  const isOwner = catalog.relations.some(({ owner }) => owner === app)
  if (!isOwner || context !== undefined) return inference
  const reason = `${app} owns the tables, and an owner can drop every policy: the application is to log in as ${usualRole}`
  return {
    ...inference,
    input: rest,
    because: inference.because.map((each) =>
      each.path === 'roles' ? { path: 'roles', reason } : each,
    ),
  }
}
