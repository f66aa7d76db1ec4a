import { AsyncLocalStorage } from 'node:async_hooks'
import { WatertightError } from '../errors/index.js'
import { isTenantContext } from './parse-tenant-context.js'
import type { TenantContext } from './tenant-context.js'

const storage = new AsyncLocalStorage<TenantContext | null>()

/**
 * Runs `fn` with `context` as the ambient one, for code that cannot pass it along. It starts no
 * transaction: pass `currentContext()` to `query` or `run` where one is wanted.
 *
 * @throws CONTEXT_REQUIRED without a context, INVALID_CONTEXT for one that was not parsed.
 *
 * @example
 * ```ts
 * await withContext(context, async () => {
 *   await tx.query(currentContext(), 'select * from invoices')
 * })
 * ```
 */
export function withContext<Result>(context: TenantContext, fn: () => Result): Result {
  return storage.run(requireContext(context), fn)
}

/**
 * The context of the innermost `withContext` or `run` around the call.
 *
 * @throws CONTEXT_REQUIRED outside of both.
 */
export function currentContext(): TenantContext {
  return requireContext(storage.getStore())
}

/**
 * Runs `fn` without an ambient context. Connections are opened under it: what a connection emits
 * later belongs to no tenant, least of all to the one whose request happened to open it.
 */
export function withoutContext<Result>(fn: () => Result): Result {
  return storage.run(null, fn)
}

/** Checks that a value is a parsed context: absence never means access. */
export function requireContext(context: unknown): TenantContext {
  if (isTenantContext(context)) return context
  if (context === undefined || context === null) {
    throw new WatertightError('CONTEXT_REQUIRED', 'no tenant context: no SQL was sent', {
      hint: 'Pass parseTenantContext(...), or run inside withContext(context, fn).',
    })
  }
  throw new WatertightError('INVALID_CONTEXT', 'the context was not made by parseTenantContext', {
    hint: 'Parse the claims with parseTenantContext of the same copy of watertight.',
  })
}
