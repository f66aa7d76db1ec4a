import { check } from '@watertight/verifier'
import type { CheckResult } from '@watertight/verifier'
import { readCatalog } from 'watertight/catalog'
import { canonicaliseConditions } from 'watertight/migrate'
import type { TenancyModel } from 'watertight/model'
import { generatedLayer } from 'watertight/plan'
import type { Queryable } from 'watertight/sql'

/**
 * Checks the isolation of the connected database: catalog rules, comparison with the layer as
 * generated, live probes as every runtime role. Changes nothing; `db` is a superuser's connection.
 */
export async function checkIsolation(
  db: Queryable,
  model: TenancyModel,
  onProgress?: (stage: string, done: number, total: number) => void,
): Promise<CheckResult> {
  const catalog = await readCatalog(db, { schemas: 'all' })
  const generated = generatedLayer(model, catalog, await canonicaliseConditions(db, model))
  return check(db, {
    model,
    catalog,
    generated,
    live: true,
    now: () => new Date(),
    ...(onProgress && {
      onProgress: ({ stage, done, total }) => onProgress(stage, done, total),
    }),
  })
}
