import { EntityManager } from '@mikro-orm/postgresql'
import type { TenantContext } from '../runtime/index.js'
import { boundContext } from './bound-context.js'

/** Whose rows an identity map holds. */
const owners = new WeakMap<object, TenantContext>()

/**
 * An entity manager that serves the context of its first use and no other.
 *
 * SECURITY: the identity map answers `findOne(Invoice, id)` from memory, without SQL, so that RLS
 * never sees the question; and a flush would write what was changed under another context.
 */
export class TenantEntityManager extends EntityManager {
  /** Every public method of the entity manager starts here. */
  override getContext(validate = true): this {
    const em = super.getContext(validate)
    if (!em.global) requireOwner(em)
    return em
  }
}

/** @throws CONTEXT_MISMATCH under another context; CONTEXT_REQUIRED without one, once it has one. */
function requireOwner(em: object): void {
  const owner = owners.get(em) ?? null
  const context = boundContext(owner, owner !== null)
  if (owner === null && context !== null) owners.set(em, context)
}
