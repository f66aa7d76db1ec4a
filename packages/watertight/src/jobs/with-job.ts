import { withContext } from '../runtime/index.js'
import type { BoundTxManager, TxManager } from '../runtime/index.js'
import type { OpenedJob, OpenJobOptions } from './job-envelope.js'
import { openJob } from './job-envelope.js'

/** A job with the transactions of its tenant. */
export interface RunningJob<Payload = unknown> extends OpenedJob<Payload> {
  readonly tx: BoundTxManager
}

/**
 * Opens an envelope and runs `fn` under its context, in mode `worker`. Nothing of it is left for
 * the next job of the process.
 *
 * @throws INVALID_JOB before `fn` is called; what `fn` throws.
 *
 * @example
 * ```ts
 * await withJob(tx, message, { keys, queue: 'invoices' }, async ({ tx, payload }) => {
 *   await tx.query('update invoices set sent_at = now() where id = $1', [payload.id])
 * })
 * ```
 */
export async function withJob<Payload, Result>(
  tx: Pick<TxManager, 'as'>,
  envelope: unknown,
  options: OpenJobOptions,
  fn: (job: RunningJob<Payload>) => Result | PromiseLike<Result>,
): Promise<Awaited<Result>> {
  const job = openJob<Payload>(envelope, options)
  const running = Object.freeze({ ...job, tx: tx.as(job.context) })
  // Awaited inside: a thenable that starts its work late does so under the context as well.
  const settled = async (): Promise<Awaited<Result>> => await fn(running)
  return await withContext(job.context, settled)
}
