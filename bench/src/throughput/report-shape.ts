import type { Machine } from '../bench-server.js'
import type { Loads } from '../loads/measure-loads.js'
import type { RoundTrips } from './round-trips.js'
import type { Spread } from './rounds.js'
import type { ServerSide } from './server-side.js'

export interface WorkloadFigures {
  readonly perSecond: Spread
  /** Processor time of the client per transaction, in microseconds. */
  readonly clientCpuUs: Spread
}

export interface VariantFigures {
  /** `INVALID`: it did not keep tenants apart. `unavailable`: it cannot run here. */
  readonly status: 'valid' | 'INVALID' | 'unavailable'
  readonly reason: string | null
  readonly workloads: Readonly<Record<string, WorkloadFigures>>
}

/** What `npm run bench -- --json` prints. Ratios are of throughput: more is better for the first. */
export interface BenchReport {
  readonly machine: Machine
  readonly server: { readonly version: string }
  readonly packages: Readonly<Record<string, string>>
  readonly settings: Readonly<Record<string, number | boolean | string>>
  readonly roundTrips: Readonly<Record<string, RoundTrips>>
  readonly ratios: {
    /** Each as it comes: `pg` names no statement, watertight those that come again. */
    readonly oneShotVsRaw: Spread
    /** Statements named on both sides. */
    readonly oneShotVsRawPrepared: Spread
    /** Statements named on neither side; null in quick runs. */
    readonly oneShotVsRawUnprepared: Spread | null
    /** Signed, on the server alone; null without pgbench. */
    readonly serverSide: Spread | null
    readonly serverSidePlain: Spread | null
    /** The cheapest read through the runtime. */
    readonly signedVsPlain: Spread
    readonly signedVsPlainList10: Spread
    /** The same on the server alone, where nothing else hides the difference. */
    readonly signedVsPlainServer: Spread | null
    readonly signedVsPlainServerList10: Spread | null
    readonly vsPeers: Readonly<Record<string, Spread>>
  }
  /** Time with the adapter of an ORM against that ORM without tenancy: less is better. */
  readonly orms: Readonly<Record<string, Spread>>
  readonly serverSide: ServerSide | null
  /** Mixed tenants, many callers; null in quick runs. */
  readonly loads: Loads | null
  readonly variants: Readonly<Record<string, VariantFigures>>
}
