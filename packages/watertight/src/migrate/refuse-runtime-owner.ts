import type { CatalogSnapshot } from '../catalog/index.js'
import { WatertightError } from '../errors/index.js'
import type { RuntimeRole, TenancyModel } from '../model/index.js'

const runtimeRoles: readonly RuntimeRole[] = ['app', 'worker', 'auditor', 'platform', 'public']

/**
 * Refuses a plan whose isolation layer would belong to a role that requests run as: an owner can drop
 * every policy, and the plan takes from runtime roles what its later steps need.
 *
 * @throws MODEL_MISMATCH
 */
export function refuseRuntimeOwner({ roles }: TenancyModel, { server }: CatalogSnapshot): void {
  const owner = roles.owner ?? server.currentUser
  const runtime = runtimeRoles.find((role) => roles[role] === owner)
  if (runtime === undefined) return
  const isConnected = roles.owner === null
  const message = `${owner} would own the isolation layer that is to hold it, and an owner can drop every policy`
  throw new WatertightError('MODEL_MISMATCH', `roles.${runtime}: ${message}`, {
    object: owner,
    problems: [{ path: `roles.${runtime}`, message }],
    hint: isConnected
      ? `Give the application a role of its own, roles: { prefix: 'app' } say; or plan as another role than ${owner}.`
      : `Name different roles as roles.owner and roles.${runtime}.`,
  })
}
