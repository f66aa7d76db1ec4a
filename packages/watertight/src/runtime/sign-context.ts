import { createHmac } from 'node:crypto'
import type { SigningKey } from './signing-key.js'
import type { TenantContext } from './tenant-context.js'

/** Every UTF-16 unit beyond ASCII as `\uXXXX`, so that the MAC does not depend on an encoding. */
function toAsciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The claims as the kernel reads them: short keys in fixed order, absent claims left out. */
function payload(context: TenantContext): string {
  return toAsciiJson({
    m: context.mode,
    e: context.expiresAt,
    ...(context.tenantId !== null && { t: context.tenantId }),
    ...(context.userId !== null && { u: context.userId }),
    ...(context.orgScope !== null && { o: context.orgScope }),
    ...(context.orgUnitId !== null && { ou: context.orgUnitId }),
    ...(context.capabilities.length > 0 && { c: context.capabilities }),
    ...(context.accessGrantId !== null && { g: context.accessGrantId }),
  })
}

/**
 * The token a transaction puts into `watertight.context`: `v1.<kid>.<payload>.<mac>`, where the
 * MAC is HMAC-SHA-256 over everything before it.
 *
 * @example
 * ```ts
 * signContext(context, key)
 * // v1.k1.{"m":"member","e":1767225600,"t":"0195b4f0-5b5c-7000-8000-000000000001"}.5f1c...
 * ```
 */
export function signContext(context: TenantContext, key: SigningKey): string {
  const signed = `v1.${key.kid}.${payload(context)}`
  return `${signed}.${createHmac('sha256', key.secret).update(signed, 'latin1').digest('hex')}`
}
