import type { Adapter, Subject, Target } from './adapter.js'
import { canary } from './canary.js'
import type { ShopSize } from './shop.js'
import { workloadOf } from './workloads.js'

/** What one round measured. */
export interface Sample {
  readonly perSecond: number
  /** Processor time of the client per transaction, in microseconds. */
  readonly clientCpuUs: number
}

/** One adapter, opened, with a fixed number of callers. */
export class Variant {
  readonly #adapter: Adapter
  readonly #subject: Subject
  readonly #size: ShopSize
  #index = 0

  private constructor(adapter: Adapter, subject: Subject, size: ShopSize) {
    this.#adapter = adapter
    this.#subject = subject
    this.#size = size
  }

  static async open(adapter: Adapter, target: Target, size: ShopSize): Promise<Variant> {
    return new Variant(adapter, await adapter.open(target), size)
  }

  canary(): Promise<readonly string[]> {
    return canary(this.#adapter, this.#subject)
  }

  /** Lets `callers` run a workload for `ms` milliseconds, each one transaction after the other. */
  async measure(name: string, ms: number, callers: number): Promise<Sample> {
    const workload = workloadOf(name)
    const cpu = process.cpuUsage()
    const started = performance.now()
    const end = started + ms
    let transactions = 0
    const caller = async (): Promise<void> => {
      while (performance.now() < end) {
        await workload.run(this.#subject, (this.#index += 1), this.#size, this.#adapter)
        transactions += 1
      }
    }
    await Promise.all(Array.from({ length: callers }, caller))
    const seconds = (performance.now() - started) / 1000
    const { user, system } = process.cpuUsage(cpu)
    return { perSecond: transactions / seconds, clientCpuUs: (user + system) / transactions }
  }

  close(): Promise<void> {
    return this.#subject.close()
  }
}
