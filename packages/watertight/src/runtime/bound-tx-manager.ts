import { WatertightError } from '../errors/index.js'
import { requireContext } from './ambient-context.js'
import type { BoundHandles, BoundTxManager, GrantedVisit, WorkerClaims } from './bound-handles.js'
import type { Statement } from './driver.js'
import type { ParseContextOptions } from './parse-tenant-context.js'
import { isTenantContext, parseTenantContext } from './parse-tenant-context.js'
import type { StreamOptions } from './row-stream.js'
import type { QueryOptions, RunOptions } from './run-options.js'
import type { BatchItem } from './statement.js'
import type { TenantContext } from './tenant-context.js'
import type { Transaction } from './transaction.js'
import type { TxManager } from './tx-manager-port.js'

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
