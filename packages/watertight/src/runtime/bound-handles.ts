import type { StatementResult } from '../sql/index.js'
import type { Statement } from './driver.js'
import type { TenantContextInput } from './parse-tenant-context.js'
import type { StreamOptions } from './row-stream.js'
import type { QueryOptions, RunOptions } from './run-options.js'
import type { BatchItem } from './statement.js'
import type { TenantContext } from './tenant-context.js'
import type { Transaction } from './transaction.js'

/** The verbs of a `TxManager`, bound to one context. It holds no connection. */
export interface BoundTxManager {
  /** The context that the next call runs under. */
  readonly context: TenantContext
  /** As `TxManager.query`. */
  query<Row = Record<string, unknown>>(
    text: string | Statement,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<StatementResult<Row>>
  /** As `TxManager.batch`. */
  batch(statements: readonly BatchItem[], options?: QueryOptions): Promise<StatementResult[]>
  /** As `TxManager.run`. */
  run<Result>(
    fn: (tx: Transaction) => Result | PromiseLike<Result>,
    options?: RunOptions,
  ): Promise<Awaited<Result>>
  /** As `TxManager.stream`. */
  stream<Row = Record<string, unknown>>(
    text: string | Statement,
    values?: readonly unknown[],
    options?: StreamOptions & QueryOptions,
  ): AsyncIterable<Row>
}

/** Who visits a tenant, and by which access grant. Without an expiry it lasts 60 seconds. */
export interface GrantedVisit {
  /** The access grant: who, why, until when; the database checks it. */
  readonly grant: string | bigint
  readonly userId: string | bigint
  readonly tenantId: string | bigint
  readonly expiresAt?: number | Date
}

/** Platform staff outside of any tenant, or inside one by an access grant. */
export type PlatformVisit =
  | GrantedVisit
  | {
      readonly userId: string | bigint
      readonly grant?: null
      readonly tenantId?: null
      readonly expiresAt?: number | Date
    }

/** The verified claims of a job: those of a context, of which the mode can only be `worker`. */
export type WorkerClaims = Omit<TenantContextInput, 'mode'> & { readonly mode?: 'worker' }

/** Handles bound to a context. */
export interface BoundHandles {
  /** @throws CONTEXT_REQUIRED, INVALID_CONTEXT. */
  as(context: TenantContext): BoundTxManager
  /** What anyone may read. Each call makes a context of its own, so the handle does not expire. */
  asPublic(): BoundTxManager
  /** A read-only, redacted visit of a tenant. @throws INVALID_CONTEXT for malformed claims. */
  asAuditor(visit: GrantedVisit): BoundTxManager
  /** Platform staff. @throws INVALID_CONTEXT for malformed claims, and a tenant without a grant. */
  asPlatform(visit: PlatformVisit): BoundTxManager
  /**
   * A background job, from its context or its verified claims.
   *
   * @throws INVALID_CONTEXT for malformed claims and a context of another mode.
   */
  asWorker(job: TenantContext | WorkerClaims): BoundTxManager
}
