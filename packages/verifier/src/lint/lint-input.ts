import type { CatalogSnapshot } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import { accessOf } from '../graph/access.js'
import { classify } from '../graph/classify.js'
import { runtimeRoles } from '../graph/runtime-roles.js'
import type { LintInput } from './rule.js'

/** Derives once what rules and attacks share. `now` is the instant of the run. */
export function lintInput(model: TenancyModel, catalog: CatalogSnapshot, now: Date): LintInput {
  return {
    catalog,
    model,
    tables: classify(model, catalog),
    access: accessOf(catalog),
    roles: runtimeRoles(model, catalog),
    today: now.toISOString().slice(0, 10),
  }
}
