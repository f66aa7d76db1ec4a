import { check } from '@watertight/verifier'
import type { CheckProgress, CheckResult } from '@watertight/verifier'
import { readCatalog } from 'watertight/catalog'
import { canonicaliseConditions } from 'watertight/migrate'
import type { TenancyModel } from 'watertight/model'
import { generatedLayer } from 'watertight/plan'
import type { Queryable } from 'watertight/sql'

/** How {@link checkIsolation} runs. */
export interface IsolationCheckOptions {
  /** Also try cross-tenant probes as every runtime role, in transactions that are rolled back; true by default. */
  readonly live?: boolean
  readonly onProgress?: (progress: CheckProgress) => void
}

/**
 * Checks the isolation of the connected database: catalog rules, proofs, comparison with the layer as
 * generated, live probes as every runtime role. Changes nothing; `db` is a superuser's connection.
 */
export async function checkIsolation(
  db: Queryable,
  model: TenancyModel,
  { live = true, onProgress }: IsolationCheckOptions = {},
): Promise<CheckResult> {
  const catalog = await readCatalog(db, { schemas: 'all' })
  const generated = generatedLayer(model, catalog, await canonicaliseConditions(db, model))
  return check(db, {
    model,
    catalog,
    generated,
    live,
    now: () => new Date(),
    ...(onProgress && { onProgress }),
  })
}
