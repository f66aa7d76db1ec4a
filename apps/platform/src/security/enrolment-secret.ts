import { createHash, randomBytes } from 'node:crypto'

/**
 * What machines enrol with: the tenant in plain, then 256 random bits. The tenant is where the
 * secret is looked for, so nothing has to look across tenants; naming another one finds nothing.
 */
const form = /^wte_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_[\w-]{43}$/

/** A fresh secret of the tenant. It is shown once; {@link secretHash} is what is kept. */
export function makeEnrolmentSecret(tenantId: string): string {
  return `wte_${tenantId.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`
}

/** The tenant that the secret names; null when it is no such secret. */
export function tenantOfSecret(secret: string): string | null {
  return form.exec(secret)?.slice(1).join('-') ?? null
}

/** SHA-256 of a secret. It has 256 bits of chance in it, so no salt and no slow hash is needed. */
export function secretHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
