/** What one process has done for a tenant. */
export interface LoadOfTenant {
  readonly tenantId: string
  readonly requests: number
  /** Answers with a status of 500 and above. */
  readonly failures: number
  readonly totalMs: number
  readonly maxMs: number
}

interface Counter {
  requests: number
  failures: number
  totalMs: number
  maxMs: number
}

/**
 * Counts the requests of tenants since the process started, for at most `limit` of them: the one that
 * was asked least recently makes room, and its count goes to {@link TenantLoad.forgotten}.
 */
export class TenantLoad {
  readonly since: Date = new Date()
  readonly #limit: number
  readonly #counters = new Map<string, Counter>()
  #forgotten = 0

  constructor(limit = 1000) {
    this.#limit = limit
  }

  /** Requests of tenants that are no longer counted one by one. */
  get forgotten(): number {
    return this.#forgotten
  }

  /** Counts one answered request. */
  count(tenantId: string, elapsedMs: number, status: number): void {
    const counter = this.#counters.get(tenantId) ?? newCounter()
    // Moved to the end: the first entry is the one that was asked least recently.
    this.#counters.delete(tenantId)
    this.#counters.set(tenantId, counter)
    counter.requests += 1
    counter.failures += status >= 500 ? 1 : 0
    counter.totalMs += elapsedMs
    counter.maxMs = Math.max(counter.maxMs, elapsedMs)
    if (this.#counters.size > this.#limit) this.#forgetOldest()
  }

  /** Tenants by the time that was spent on them, most first. */
  top(count: number): readonly LoadOfTenant[] {
    return [...this.#counters]
      .map(([tenantId, counter]) => ({ tenantId, ...counter }))
      .toSorted((a, b) => b.totalMs - a.totalMs)
      .slice(0, count)
  }

  /** Of one tenant. */
  of(tenantId: string): LoadOfTenant {
    return { tenantId, ...(this.#counters.get(tenantId) ?? newCounter()) }
  }

  #forgetOldest(): void {
    const [oldest] = this.#counters
    if (oldest === undefined) return
    const [tenantId, { requests }] = oldest
    this.#counters.delete(tenantId)
    this.#forgotten += requests
  }
}

function newCounter(): Counter {
  return { requests: 0, failures: 0, totalMs: 0, maxMs: 0 }
}
