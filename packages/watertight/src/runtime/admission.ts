import { WatertightError } from '../errors/index.js'
import { requireContext, withContextWhile, withoutContext } from './ambient-context.js'
import type { ContextStatement } from './context-statement.js'
import type { Statement } from './driver.js'
import { isTenantContext } from './parse-tenant-context.js'
import type { TenantContext } from './tenant-context.js'
import { isSameContext } from './tenant-context.js'
import { runAround, scopeAround } from './surrounding-scopes.js'
import type { TransactionScope } from './transaction-scope.js'

export interface AdmissionOptions {
  readonly contextStatement: ContextStatement
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Decides under which context a call runs: in the open transaction around it, or in its own. */
export class Admission {
  readonly #options: AdmissionOptions

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /** The open transaction around the call, if it runs under the same claims. */
  joinable(context: unknown): TransactionScope | null {
    const outer = this.#surrounding()
    if (outer === null || !isTenantContext(context) || this.#isExpired(context)) return null
    return outer.context !== null && isSameContext(outer.context, context) ? outer : null
  }

  /**
   * Checks a context that joins no transaction, before any SQL.
   *
   * @throws CONTEXT_REQUIRED, INVALID_CONTEXT, CONTEXT_EXPIRED, CONTEXT_MISMATCH.
   */
  admit(given: unknown): TenantContext {
    const context = requireContext(given)
    this.#requireFresh(context)
    if (this.#surrounding() === null) return context
    throw new WatertightError(
      'CONTEXT_MISMATCH',
      'a transaction is open under another context; it cannot switch',
      { hint: 'End it first, or start the other transaction outside of its function.' },
    )
  }

  /** Waiting for a connection takes time, so the expiry is checked again as the token is made. */
  claim(context: TenantContext): Statement {
    this.#requireFresh(context)
    return this.#options.contextStatement(context)
  }

  /** Runs `fn` as the inside of a transaction. */
  inside<Result>(scope: TransactionScope, context: TenantContext, fn: () => Result): Result {
    return runAround(this, scope, () => withContextWhile(() => scope.isOpen, context, fn))
  }

  /** Runs `fn` as the inside of no transaction and under no context. */
  outside<Result>(fn: () => Result): Result {
    if (this.current() === null) return withoutContext(fn)
    return runAround(this, null, () => withoutContext(fn))
  }

  /** The innermost scope that the call is in, open or not. */
  current(): TransactionScope | null {
    return scopeAround(this)
  }

  /** What a nested run left behind when it ended belongs to the run around it. */
  #surrounding(): TransactionScope | null {
    let scope = this.current()
    while (scope !== null && !scope.isOpen) scope = scope.parent
    return scope
  }

  #isExpired(context: TenantContext): boolean {
    return this.#options.now() / 1000 >= context.expiresAt
  }

  #requireFresh(context: TenantContext): void {
    if (!this.#isExpired(context)) return
    throw new WatertightError('CONTEXT_EXPIRED', 'the tenant context has expired', {
      hint: 'Parse a fresh context from the caller’s token.',
    })
  }
}
