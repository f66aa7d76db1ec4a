import type { Exchange } from '../conformance/http-exchange.js'
import { isRecord } from '../conformance/json-schema.js'
import type { LoadTenant } from './load-world.js'

/** A request of a client and what may come back. */
export interface LoadRequest {
  readonly what: string
  readonly method: string
  readonly path: string
  readonly body: string | null
  /** 200, or 404 for what is another tenant's. */
  readonly expected: number
}

/** Judges replies: each is of its tenant, or says in a typed way that there is none now. */
export class LoadOracle {
  readonly statuses: Map<number, number> = new Map()
  readonly violations: string[] = []
  readonly #seen = new Map<string, Set<LoadTenant>>()

  /** True for a reply that was asked for. */
  see(tenant: LoadTenant, request: LoadRequest, reply: Exchange): boolean {
    const { status, text } = reply
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    for (const [id] of text.matchAll(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g)) {
      const viewers = this.#seen.get(id)
      if (viewers === undefined) this.#seen.set(id, new Set([tenant]))
      else viewers.add(tenant)
    }
    for (const [, number] of text.matchAll(/of tenant Tenant (\d+)/g)) {
      if (number !== String(tenant.number))
        this.#note(request, reply, 'shows a text of another tenant')
    }
    if (status === request.expected) return true
    if (status !== 503) this.#note(request, reply, `instead of ${String(request.expected)}`)
    else if (!isTyped(reply)) this.#note(request, reply, 'is not typed')
    return false
  }

  /** Compares every id that was seen with whose it is. */
  settle(owners: ReadonlyMap<string, string>): number {
    for (const [id, viewers] of this.#seen) {
      const owner = owners.get(id)
      for (const viewer of viewers) {
        if (owner !== undefined && owner !== viewer.id) {
          this.violations.push(`tenant ${viewer.id} was shown ${id} of ${owner}`)
        }
      }
    }
    return this.#seen.size
  }

  #note({ what, path }: LoadRequest, { status, text, failure }: Exchange, fault: string): void {
    const reply = `${String(status)} ${failure ?? text.slice(0, 200)}`
    this.violations.push(`${what} ${path}: ${reply} ${fault}`)
  }
}

function isTyped({ headers, text }: Exchange): boolean {
  const isProblem = headers['content-type']?.startsWith('application/problem+json') ?? false
  if (!isProblem) return false
  const body = JSON.parse(text) as unknown
  return isRecord(body) && typeof body['code'] === 'string' && headers['retry-after'] !== undefined
}
