import type { BackOff } from './back-off.js'
import { backOffDelay } from './back-off.js'

/** A tenant whose turns come to nothing is asked less and less often. */
const delays: BackOff = { first: 500, factor: 2, most: 60_000 }

/** Which tenants are not to have a turn yet, because their last ones failed or found nothing. */
export class TenantDelays {
  readonly #waiting = new Map<string, { readonly count: number; readonly until: number }>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  get size(): number {
    return this.#waiting.size
  }

  /** False while the tenant has to wait. */
  isDue(tenantId: string): boolean {
    return (this.#waiting.get(tenantId)?.until ?? 0) <= this.#now()
  }

  /** After a turn that came to something. */
  clear(tenantId: string): void {
    this.#waiting.delete(tenantId)
  }

  /** After a turn that came to nothing. */
  postpone(tenantId: string): void {
    const count = (this.#waiting.get(tenantId)?.count ?? 0) + 1
    this.#waiting.set(tenantId, { count, until: this.#now() + backOffDelay(delays, count) })
  }

  /** Forgets those that have no work any more. */
  keepOnly(tenantIds: readonly string[]): void {
    const known = new Set(tenantIds)
    for (const tenantId of this.#waiting.keys()) {
      if (!known.has(tenantId)) this.#waiting.delete(tenantId)
    }
  }
}
