import pg from 'pg'
import { pgDriver } from 'watertight/pg'
import { createTxManager } from 'watertight/runtime'
import type { SigningKey, TxManager } from 'watertight/runtime'
import type { Driver } from 'watertight'

/** Login URLs by role; each pool logs in as the role of one mode. */
export interface RoleUrls {
  readonly app: string
  readonly worker: string
  readonly auditor: string
  readonly platform: string
  readonly public: string
}

/** The platform's only way to tenants' data. */
export interface OpenTxManager {
  readonly tx: TxManager
  close(): Promise<void>
}

/**
 * Opens a small pool per role, and a transaction manager whose boot check they have passed.
 *
 * @throws UNSAFE_ROLE when a role could see past RLS; CONNECTION_FAILED, AUTHENTICATION_FAILED.
 */
export async function openTxManager(
  urls: RoleUrls,
  signingKey: SigningKey,
  poolSize = 4,
): Promise<OpenTxManager> {
  const pools: pg.Pool[] = []
  const open = (connectionString: string): Driver => {
    const pool = new pg.Pool({ connectionString, max: poolSize })
    pools.push(pool)
    return pgDriver(pool)
  }
  const close = async (): Promise<void> => {
    await Promise.all(pools.map((pool) => pool.end()))
  }
  const tx = createTxManager({
    pools: {
      app: open(urls.app),
      worker: open(urls.worker),
      auditor: open(urls.auditor),
      platform: open(urls.platform),
      public: open(urls.public),
    },
    signingKey,
  })
  try {
    await tx.start()
  } catch (error) {
    await close()
    throw error
  }
  return { tx, close }
}
