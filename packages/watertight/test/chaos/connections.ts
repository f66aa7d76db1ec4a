import pg from 'pg'
import postgres from 'postgres'
import { pgDriver } from 'watertight/pg'
import { postgresJsDriver } from 'watertight/postgres'
import type { Driver } from 'watertight/runtime'

export const driverNames = ['pg', 'postgres'] as const

export type DriverName = (typeof driverNames)[number]

export interface ConnectionLimits {
  readonly max: number
  /** Milliseconds to wait for a connection. */
  readonly withinMs: number
}

/** The connections that the callers of a run share. */
export interface Connections {
  readonly driver: Driver
  /** Connections that were not given back, where the driver's pool can tell. */
  out(): number
  end(): Promise<void>
}

export function openConnections(
  name: DriverName,
  url: string,
  { max, withinMs }: ConnectionLimits,
): Connections {
  if (name === 'pg') {
    const pool = new pg.Pool({ connectionString: url, max, connectionTimeoutMillis: withinMs })
    return {
      driver: pgDriver(pool),
      out: () => pool.totalCount - pool.idleCount + pool.waitingCount,
      end: () => pool.end(),
    }
  }
  // Statements without a name: a pooler before PgBouncer 1.21 does not know names.
  const sql = postgres(url, {
    max,
    prepare: false,
    connect_timeout: Math.ceil(withinMs / 1000),
    onnotice: () => undefined,
  })
  const driver = postgresJsDriver(sql)
  return { driver, out: () => 0, end: () => driver.end({ timeout: 5 }) }
}
