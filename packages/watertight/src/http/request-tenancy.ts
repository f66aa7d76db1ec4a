import { withContext } from '../runtime/index.js'
import type { BoundTxManager, TenantContext, TxManager } from '../runtime/index.js'
import type { Identity, Principal } from './principal.js'

/** The part of a `TxManager` that requests use. */
export type TransactionPort = Pick<TxManager, 'as'>

/** What a request runs under. */
export interface RequestTenancy {
  readonly context: TenantContext
  /** Null on public routes and on those of users without a tenant. */
  readonly principal: Principal | null
  /** Null on public routes. */
  readonly identity: Identity | null
  /** The transactions of the tenant. */
  readonly tx: BoundTxManager
}

/** Runs `fn` under the context of a request. */
export function enter<Result>(tenancy: RequestTenancy, fn: () => Result): Result {
  return withContext(tenancy.context, fn)
}
