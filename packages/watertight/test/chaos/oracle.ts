import { WatertightError } from 'watertight/errors'
import type { Tenant } from './world.js'

/** What must never happen, each counted apart. */
export interface Violations {
  /** Rows of another tenant that a statement returned. */
  foreignRows: number
  /** Own rows that a read did not return, and results that are wrong in another way. */
  wrongResults: number
  /** Statements that the isolation layer had to refuse and did not. */
  accepted: number
  /** Errors that are no `WatertightError`, and codes that do not fit what happened. */
  untypedErrors: number
  /** Rows or settings that a connection showed without a context. */
  sessionState: number
  /** Rows that lie under another tenant than the one that wrote them, or were changed by another. */
  wrongTenantWrites: number
  /** Operations reported committed that are not there exactly once, or failed ones that are. */
  wrongOutcomes: number
  /** Connections that did not come back, and sessions that stayed in a transaction. */
  leakedConnections: number
  /** Operations that never ended. */
  hangs: number
}

export type ViolationKind = keyof Violations

/** A row of any table of the world. */
export interface OwnedRow {
  readonly tenant_id: string
  readonly owner: string
}

/** An error that an operation throws into its transaction on purpose. */
export class Deliberate extends Error {}

const shownAtMost = 40

/** The checker: counts what must never happen and remembers the first cases. */
export class Oracle {
  readonly violations: Violations = {
    foreignRows: 0,
    wrongResults: 0,
    accepted: 0,
    untypedErrors: 0,
    sessionState: 0,
    wrongTenantWrites: 0,
    wrongOutcomes: 0,
    leakedConnections: 0,
    hangs: 0,
  }
  readonly cases: string[] = []
  /** Rows compared with the tenant that asked for them. */
  rowsSeen = 0
  /** How often each error code was seen. */
  readonly codes = new Map<string, number>()

  count(kind: ViolationKind, description: string, times = 1): void {
    if (times === 0) return
    this.violations[kind] += times
    if (this.cases.length < shownAtMost) this.cases.push(`${kind}: ${description}`)
  }

  get total(): number {
    return Object.values(this.violations).reduce((sum: number, count: number) => sum + count, 0)
  }

  /** Checks that every row is of the tenant, and that the rows which must be there are. */
  rows(tenant: Tenant, rows: readonly OwnedRow[], what: string, atLeast = 0): void {
    this.rowsSeen += rows.length
    const foreign = rows.filter((row) => row.tenant_id !== tenant.id || row.owner !== tenant.id)
    this.count('foreignRows', `${what} as ${tenant.id}`, foreign.length)
    if (rows.length < atLeast) {
      this.count('wrongResults', `${what}: ${rows.length} rows, not ${atLeast} at least`)
    }
  }

  equal(actual: unknown, expected: unknown, what: string): void {
    if (actual === expected) return
    this.count('wrongResults', `${what}: ${String(actual)}, not ${String(expected)}`)
  }

  /** Notes an error that ended an operation. */
  error(error: unknown, what: string): void {
    if (error instanceof Deliberate) return
    if (!(error instanceof WatertightError)) {
      this.count('untypedErrors', `${what}: ${String(error)}`)
      return
    }
    const name = error.sqlState === undefined ? error.code : `${error.code} ${error.sqlState}`
    this.codes.set(name, (this.codes.get(name) ?? 0) + 1)
    const isAbort = error.code === 'ABORTED'
    if (!possible.has(error.code) || (isAbort && !what.startsWith('aborted')))
      this.count('untypedErrors', `${what}: ${error.code} is odd`)
  }
}

/** What injected failures may end any operation with. */
const possible: ReadonlySet<string> = new Set([
  'CONNECTION_FAILED',
  'ACQUIRE_TIMEOUT',
  'OUTCOME_UNKNOWN',
  'STATEMENT_FAILED',
  'TX_ABORTED',
  'ABORTED',
])

/** Whether an injected failure rather than the operation itself is behind an error. */
export function isInjected(error: unknown): boolean {
  if (!(error instanceof WatertightError)) return false
  if (error.code !== 'STATEMENT_FAILED') return possible.has(error.code)
  // Cancelled, ended, out of connections, starting up, broken protocol at a pooler.
  return /^(57|53|08|25P0[23]|40)/.test(error.sqlState ?? '')
}
