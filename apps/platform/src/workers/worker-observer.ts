/** The queues, by the names that `ops.tenants_with_work` knows. */
export const queueNames = [
  'outbox',
  'deliveries',
  'reservations',
  'waitlist',
  'exports',
  'mail',
] as const

/** One of {@link queueNames}. */
export type QueueName = (typeof queueNames)[number]

/** A turn of a tenant in a queue. */
export interface Turn {
  readonly queue: QueueName
  readonly tenantId: string
  /** What was done: messages, deliveries, promotions, exports. */
  readonly items: number
  readonly durationMs: number
}

/** Is told how the workers are getting on. What it throws is ignored. */
export interface WorkerObserver {
  onTurn?(turn: Turn): void
  /**
   * A turn that failed, or, with a tenant of null, the look for tenants with work; `keys` is the
   * deleting of idempotency keys whose day is over.
   */
  onFailure?(failure: {
    readonly queue: QueueName | 'keys'
    readonly tenantId: string | null
    readonly error: unknown
  }): void
  /** Nothing to do for this many milliseconds. */
  onIdle?(idle: { readonly queue: QueueName; readonly delayMs: number }): void
}

/** An observer that cannot disturb what it observes. */
export function guardedObserver(observer: WorkerObserver): Required<WorkerObserver> {
  const guard =
    <Event>(tell: ((event: Event) => void) | undefined) =>
    (event: Event): void => {
      try {
        tell?.(event)
      } catch {
        // Work goes on whatever becomes of its figures.
      }
    }
  return {
    onTurn: guard((turn: Turn) => observer.onTurn?.(turn)),
    onFailure: guard((failure: Parameters<NonNullable<WorkerObserver['onFailure']>>[0]) =>
      observer.onFailure?.(failure),
    ),
    onIdle: guard((idle: Parameters<NonNullable<WorkerObserver['onIdle']>>[0]) =>
      observer.onIdle?.(idle),
    ),
  }
}
