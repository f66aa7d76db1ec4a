import pg from 'pg'
import { pgDriver } from 'watertight/pg'
import { createTxManager } from 'watertight/runtime'
import type { SigningKey, TxManager } from 'watertight/runtime'
import { memberOf } from '../adapters/watertight.js'

/** A row of the mixed table; `tenant_id` shows whose it is. */
export interface EventRow {
  readonly id: string
  readonly tenant_id: string
}

/** One way to read the table of the mix. */
export interface MixVariant {
  readonly name: string
  /** The ten events of a tenant that follow a time. */
  list(tenant: string, since: number): Promise<readonly EventRow[]>
  /** The same without a tenant: no row where the database keeps tenants apart. */
  listWithout(): Promise<readonly EventRow[]>
  readonly keepsApart: boolean
  close(): Promise<void>
}

export interface MixTarget {
  /** URL of a role that RLS does not hold, for the floor. */
  readonly floorUrl: string
  /** URL of the application's role. */
  readonly appUrl: string
  readonly signingKey: SigningKey
  readonly poolSize: number
}

const columns = 'select id, tenant_id, at, kind from shop.events'
const tail = 'order by at limit 10'
const plain = `${columns} where at >= $1 ${tail}`
const withTenant = `${columns} where tenant_id = $2 and at >= $1 ${tail}`

/** The floor and watertight, with plans that are kept and plans that are made for each call. */
export function mixVariants(target: MixTarget): readonly MixVariant[] {
  return [
    floor(target),
    scoped('watertight', target, { prepare: false, text: plain, values: (since) => [since] }),
    scoped('watertight, prepared', target, {
      prepare: true,
      text: plain,
      values: (since) => [since],
    }),
    scoped('watertight, prepared, tenant named', target, {
      prepare: true,
      text: withTenant,
      values: (since, tenant) => [since, tenant],
    }),
  ]
}

/** `pg` with a hand-written condition and a named statement, as a role that RLS does not hold. */
function floor({ floorUrl, poolSize }: MixTarget): MixVariant {
  const pool = new pg.Pool({ connectionString: floorUrl, max: poolSize })
  return {
    name: 'raw pg, WHERE, prepared',
    keepsApart: false,
    list: async (tenant, since) =>
      (await pool.query<EventRow>({ name: 'list', text: withTenant, values: [since, tenant] }))
        .rows,
    listWithout: async () => (await pool.query<EventRow>(plain, [0])).rows,
    close: () => pool.end(),
  }
}

interface Statement {
  readonly prepare: boolean
  readonly text: string
  readonly values: (since: number, tenant: string) => readonly unknown[]
}

function scoped(
  name: string,
  { appUrl, signingKey, poolSize }: MixTarget,
  { prepare, text, values }: Statement,
): MixVariant {
  const pool = new pg.Pool({ connectionString: appUrl, max: poolSize })
  const tx: TxManager = createTxManager({ pools: { app: pgDriver(pool, { prepare }) }, signingKey })
  return {
    name,
    keepsApart: true,
    list: async (tenant, since) =>
      (await tx.query<EventRow>(memberOf(tenant), text, values(since, tenant))).rows,
    listWithout: async () => (await pool.query<EventRow>(plain, [0])).rows,
    close: () => pool.end(),
  }
}
