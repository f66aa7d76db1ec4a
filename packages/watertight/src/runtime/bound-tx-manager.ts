import { WatertightError } from '../errors/index.js'
import type { StatementResult } from '../sql/index.js'
import { requireContext } from './ambient-context.js'
import type { Statement } from './driver.js'
import type { ParseContextOptions, TenantContextInput } from './parse-tenant-context.js'
import { isTenantContext, parseTenantContext } from './parse-tenant-context.js'
import type { StreamOptions } from './row-stream.js'
import type { QueryOptions, RunOptions } from './run-options.js'
import type { BatchItem } from './statement.js'
import type { TenantContext } from './tenant-context.js'
import type { Transaction } from './transaction.js'
import type { TxManager } from './tx-manager.js'

/** The verbs of a `TxManager`, bound to one context. It holds no connection. */
export interface BoundTxManager {
  /** The context that the next call runs under. */
  readonly context: TenantContext
  /** As {@link TxManager.query}. */
  query<Row = Record<string, unknown>>(
    text: string | Statement,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<StatementResult<Row>>
  /** As {@link TxManager.batch}. */
  batch(statements: readonly BatchItem[], options?: QueryOptions): Promise<StatementResult[]>
  /** As {@link TxManager.run}. */
  run<Result>(
    fn: (tx: Transaction) => Result | PromiseLike<Result>,
    options?: RunOptions,
  ): Promise<Awaited<Result>>
  /** As {@link TxManager.stream}. */
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

/** Makes the handles of a manager. */
export function boundHandles(manager: TxManager, options: ParseContextOptions): BoundHandles {
  const parse = (input: object): TenantContext => parseTenantContext(input, options)
  const fixed = (context: TenantContext): BoundTxManager => bind(manager, () => context)
  const visit = (mode: 'auditor' | 'platform', given: object): BoundTxManager => {
    const { grant = null, ...claims } = given as Partial<GrantedVisit>
    return fixed(parse({ ...claims, mode, accessGrantId: grant }))
  }
  return {
    as: (context) => fixed(requireContext(context)),
    asPublic: () => bind(manager, () => parse({ mode: 'public' })),
    asAuditor: (given) => visit('auditor', given),
    asPlatform: (given) => visit('platform', given),
    asWorker: (job) => fixed(isTenantContext(job) ? requireWorker(job) : parse(workerClaims(job))),
  }
}

function bind(manager: TxManager, context: () => TenantContext): BoundTxManager {
  return Object.freeze({
    get context() {
      return context()
    },
    query: <Row>(text: string | Statement, values?: readonly unknown[], options?: QueryOptions) =>
      manager.query<Row>(context(), text, values, options),
    batch: (statements: readonly BatchItem[], options?: QueryOptions) =>
      manager.batch(context(), statements, options),
    run: <Result>(
      fn: (tx: Transaction) => Result | PromiseLike<Result>,
      options?: RunOptions,
    ): Promise<Awaited<Result>> => manager.run(context(), fn, options),
    stream: <Row>(
      text: string | Statement,
      values?: readonly unknown[],
      options?: StreamOptions & QueryOptions,
    ) => manager.stream<Row>(context(), text, values, options),
  })
}

function workerClaims(job: WorkerClaims): object {
  if (typeof job !== 'object' || job === null) return requireContext(job)
  // SECURITY: a job cannot choose another mode; a claim that tries is refused, not replaced.
  if (job.mode !== undefined && job.mode !== 'worker') throw notWorker()
  return { ...job, mode: 'worker' }
}

function requireWorker(context: TenantContext): TenantContext {
  if (context.mode === 'worker') return context
  throw notWorker()
}

function notWorker(): WatertightError {
  return new WatertightError('INVALID_CONTEXT', 'a job runs in mode worker and no other')
}
