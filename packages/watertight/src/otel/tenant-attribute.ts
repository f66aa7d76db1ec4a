import { createHmac } from 'node:crypto'
import { WatertightError } from '../errors/index.js'
import type { TenantContext } from '../runtime/index.js'

/**
 * How spans name the tenant: not at all, by a keyed hash (`watertight.tenant.hash`), or by its id
 * (`watertight.tenant.id`). Metrics never do: every tenant would be a time series of its own.
 */
export type TenantAttribute = false | { readonly hashKey: string | Uint8Array } | 'plain'

/** Least length of a hash key in bytes. */
const minKeyBytes = 16

/**
 * Makes the attributes that name the tenant of a context.
 *
 * @throws INVALID_INPUT for a hash key shorter than 16 bytes.
 */
export function tenantAttributes(
  option: TenantAttribute,
): (context: TenantContext) => Readonly<Record<string, string>> {
  if (option === false) return () => ({})
  if (option === 'plain') {
    return ({ tenantId }) => (tenantId === null ? {} : { 'watertight.tenant.id': tenantId })
  }
  const key = Buffer.from(option.hashKey)
  if (key.length < minKeyBytes) {
    throw new WatertightError('INVALID_INPUT', 'tenantAttribute.hashKey needs 16 bytes or more', {
      object: 'otelObserver',
      hint: 'A hash without a secret key is undone by hashing every tenant id.',
    })
  }
  return ({ tenantId }) => {
    if (tenantId === null) return {}
    const digest = createHmac('sha256', key).update(tenantId).digest('hex')
    return { 'watertight.tenant.hash': digest.slice(0, 16) }
  }
}
