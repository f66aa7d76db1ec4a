import { AsyncLocalStorage } from 'node:async_hooks'
import { WatertightError } from '../errors/index.js'
import { isTenantContext } from './parse-tenant-context.js'
import type { TenantContext } from './tenant-context.js'

/** An ambient context, and whether what it was given to is still under way. */
interface Ambient {
  readonly context: TenantContext
  isOpen(): boolean
}

const storage = new AsyncLocalStorage<Ambient | null>()

const always = (): boolean => true

/**
 * Runs `fn` with `context` as the ambient one, for code that cannot pass it along. It starts no
 * transaction: pass `currentContext()` to `query` or `run` where one is wanted. A lazy thenable
 * that `fn` returns (a query builder that runs when it is awaited) is run here, as a promise.
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
  const ambient = { context: requireContext(context), isOpen: always }
  return storage.run(ambient, () => settled(fn()))
}

/** Runs `fn` with an ambient context that ends when `isOpen` says so. */
export function withContextWhile<Result>(
  isOpen: () => boolean,
  context: TenantContext,
  fn: () => Result,
): Result {
  return storage.run({ context: requireContext(context), isOpen }, fn)
}

/** SECURITY: awaited elsewhere, a builder would run under whatever context is ambient there. */
function settled<Result>(result: Result): Result {
  if (typeof result !== 'object' || result === null || result instanceof Promise) return result
  if (!('then' in result) || typeof result.then !== 'function') return result
  const lazy = result as unknown as PromiseLike<unknown>
  return new Promise((resolve, reject) => void lazy.then(resolve, reject)) as Result
}

/**
 * The context of the innermost `withContext` or `run` around the call.
 *
 * @throws CONTEXT_REQUIRED outside of both; TX_CLOSED in what a `run` left behind when it ended: it
 * would take effect outside of the transaction, even after its rollback.
 */
export function currentContext(): TenantContext {
  return requireContext(ambientContext())
}

/** The same, or null outside of both. @throws TX_CLOSED as {@link currentContext}. */
export function ambientContext(): TenantContext | null {
  const ambient = storage.getStore()
  if (ambient != null && !ambient.isOpen()) {
    throw new WatertightError(
      'TX_CLOSED',
      'the transaction that this call was left from has ended',
      {
        hint: 'Await every statement inside run(); start what outlives it in withContext() of its own.',
      },
    )
  }
  return ambient?.context ?? null
}

/**
 * What calls share that are made inside of the same `withContext` or `run`, and no others.
 *
 * @throws as {@link currentContext}.
 */
export function ambientScope(): object {
  currentContext()
  return storage.getStore() ?? storage
}

/**
 * Runs `fn` without an ambient context. Connections are opened under it: what a connection emits
 * later belongs to no tenant, least of all to the one whose request happened to open it. Where there
 * is nothing to leave, no storage is entered: from the first one on, Node tracks every promise.
 */
export function withoutContext<Result>(fn: () => Result): Result {
  return storage.getStore() == null ? fn() : storage.run(null, fn)
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
