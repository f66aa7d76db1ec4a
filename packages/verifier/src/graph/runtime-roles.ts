import type { CatalogSnapshot } from 'watertight/catalog'
import type { RuntimeRole, TenancyModel } from 'watertight/model'

/** A database role that requests run as. */
export interface RuntimeRoleName {
  readonly kind: RuntimeRole
  readonly name: string
}

const kinds: readonly RuntimeRole[] = ['app', 'public', 'auditor', 'worker', 'platform']

/** The model's runtime roles that exist, the application's own first. */
export function runtimeRoles(model: TenancyModel, catalog: CatalogSnapshot): RuntimeRoleName[] {
  const existing = new Set(catalog.roles.map((role) => role.name))
  const found: RuntimeRoleName[] = []
  for (const kind of kinds) {
    const name = model.roles[kind]
    if (name === null || !existing.has(name)) continue
    if (!found.some((role) => role.name === name)) found.push({ kind, name })
  }
  return found
}
