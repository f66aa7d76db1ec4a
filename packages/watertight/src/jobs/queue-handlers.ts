import type { TxManager } from '../runtime/index.js'
import type { JobKeys, OpenJobOptions } from './job-envelope.js'
import type { RunningJob } from './with-job.js'
import { withJob } from './with-job.js'

/** What handlers of all jobs of a queue have in common; queue and name are those of each job. */
export type HandlerOptions = Omit<OpenJobOptions, 'keys' | 'queue' | 'name'>

/** What BullMQ passes to a processor. */
export interface BullJob {
  readonly name: string
  readonly queueName: string
  readonly data: unknown
}

/** What pg-boss passes to a handler, in an array. */
export interface BossJob {
  /** The name of the queue. */
  readonly name: string
  readonly data: unknown
}

/**
 * A processor for BullMQ. The envelope is the data of the job, sealed with `queue` and `name`.
 * What it throws fails the job; BullMQ tries again as it is set up to.
 *
 * @example
 * ```ts
 * await queue.add('send', sealJob(context, { queue: 'mail', name: 'send', payload }, key))
 * new Worker('mail', bullProcessor(tx, keys, async ({ tx, payload }) => { ... }))
 * ```
 */
export function bullProcessor<Payload, Result>(
  tx: Pick<TxManager, 'as'>,
  keys: JobKeys,
  fn: (job: RunningJob<Payload>) => Result | PromiseLike<Result>,
  options: HandlerOptions = {},
): (job: BullJob) => Promise<Awaited<Result>> {
  return function watertightProcessor({ data, queueName, name }) {
    return withJob(tx, data, { ...options, keys, queue: queueName, name }, fn)
  }
}

/**
 * A handler for pg-boss 10. The envelope is the data of the job, sealed with `queue`. The jobs of a
 * batch run one after the other, each under its own context; the first that fails fails the batch,
 * so that those before it are delivered again: leave `batchSize` at 1, or let work happen once by
 * `job.id`.
 *
 * @example
 * ```ts
 * await boss.send('mail', sealJob(context, { queue: 'mail', payload }, key))
 * await boss.work('mail', bossHandler(tx, keys, async ({ tx, payload }) => { ... }))
 * ```
 */
export function bossHandler<Payload>(
  tx: Pick<TxManager, 'as'>,
  keys: JobKeys,
  fn: (job: RunningJob<Payload>) => unknown,
  options: HandlerOptions = {},
): (jobs: readonly BossJob[]) => Promise<void> {
  return async function watertightHandler(jobs) {
    for (const { data, name } of jobs) {
      await withJob(tx, data, { ...options, keys, queue: name }, fn)
    }
  }
}
