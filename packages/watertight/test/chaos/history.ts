/** What became of an operation that writes, as its caller was told. */
const statuses = ['none', 'running', 'committed', 'failed', 'unknown'] as const

type Status = (typeof statuses)[number]

/** What every operation wrote and what its caller was told, in a few bytes for each. */
export class History {
  readonly #status: Uint8Array
  readonly #rows: Uint8Array
  readonly #tenant: Uint32Array
  readonly #additions: Uint32Array
  readonly #unknownAdditions: Uint32Array
  /** Committed operations of each tenant whose rows may be deleted. */
  readonly #deletable: number[][]

  constructor(operations: number, tenants: number) {
    this.#status = new Uint8Array(operations)
    this.#rows = new Uint8Array(operations)
    this.#tenant = new Uint32Array(operations)
    this.#additions = new Uint32Array(tenants)
    this.#unknownAdditions = new Uint32Array(tenants)
    this.#deletable = Array.from({ length: tenants }, () => [])
  }

  get operations(): number {
    return this.#status.length
  }

  begin(op: number, tenant: number): void {
    this.#tenant[op] = tenant
    this.#set(op, 'running')
  }

  /** An operation ended; it had promised `rows` rows. */
  settle(op: number, status: 'committed' | 'failed' | 'unknown', rows: number): void {
    this.#set(op, status)
    this.#rows[op] = rows
    if (status === 'committed' && rows > 0) this.#deletable[this.tenantOf(op)]?.push(op)
  }

  /** Takes an operation whose rows nobody else deletes from now on. */
  takeDeletable(tenant: number): number | undefined {
    return this.#deletable[tenant]?.pop()
  }

  /** The rows of an operation were deleted, or may have been. */
  deleted(op: number, status: 'committed' | 'failed' | 'unknown'): void {
    if (status === 'committed') this.#rows[op] = 0
    if (status === 'unknown') this.#set(op, 'unknown')
    if (status === 'failed') this.#deletable[this.tenantOf(op)]?.push(op)
  }

  /** One was added to the counter of a tenant. */
  add(tenant: number): void {
    this.#additions[tenant] = (this.#additions[tenant] ?? 0) + 1
  }

  addPerhaps(tenant: number): void {
    this.#unknownAdditions[tenant] = (this.#unknownAdditions[tenant] ?? 0) + 1
  }

  /** What the counter of a tenant must hold. */
  additionsOf(tenant: number): { least: number; most: number } {
    const least = this.#additions[tenant] ?? 0
    return { least, most: least + (this.#unknownAdditions[tenant] ?? 0) }
  }

  statusOf(op: number): Status {
    return statuses[this.#status[op] ?? 0] ?? 'none'
  }

  rowsOf(op: number): number {
    return this.#rows[op] ?? 0
  }

  tenantOf(op: number): number {
    return this.#tenant[op] ?? 0
  }

  #set(op: number, status: Status): void {
    this.#status[op] = statuses.indexOf(status)
  }
}
