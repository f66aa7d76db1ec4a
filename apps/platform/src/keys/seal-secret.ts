import type { Transaction } from 'watertight/runtime'
import type { Queryable } from 'watertight/sql'
import type { SealedPlace } from 'watertight/tenants'
import { WatertightError } from 'watertight/errors'
import { SqlKeyRecords } from './key-repository.js'
import { configuredKeys } from './key-setup.js'

/** What is stored of a secret, in the columns of `sec.integration_credentials`. */
export interface SealedSecret {
  /** For `secret_ciphertext`. */
  readonly ciphertext: Buffer
  /** For `encryption_key_id`. */
  readonly encryptionKeyId: string
  /** For `secret_hint`: the last characters of a long secret, so that people can tell two apart. */
  readonly hint: string
}

/** Where the secret of a credential stands; it opens there alone. */
export function credentialPlace(tenantId: string, credentialId: string): SealedPlace {
  return {
    tenantId,
    purpose: 'credentials',
    table: 'sec.integration_credentials',
    column: 'secret_ciphertext',
    row: credentialId,
  }
}

function tenantOf({ context }: Transaction): string {
  const { tenantId } = context
  if (tenantId !== null) return tenantId
  throw new WatertightError('CONTEXT_REQUIRED', 'secrets belong to a tenant, and there is none')
}

/** Long enough that its end says nothing about the rest. */
const hintedLength = 20

/**
 * Seals the secret of an integration credential under the active key of the transaction's tenant.
 * The id of the row is part of the seal, so choose it before: `randomUUID()`.
 *
 * @throws KEY_NOT_FOUND, KEY_DISABLED, KEY_DESTROYED, KEY_PROVIDER_FAILED; CONTEXT_REQUIRED without
 * a tenant.
 * @example
 * ```ts
 * const id = randomUUID()
 * const { ciphertext, encryptionKeyId, hint } = await sealSecret(tx, id, 'whsec_…')
 * ```
 */
export async function sealSecret(
  tx: Transaction,
  credentialId: string,
  secret: string,
): Promise<SealedSecret> {
  return sealSecretOf(tx, tenantOf(tx), credentialId, secret)
}

/** As {@link sealSecret}, for whoever sets tenants up and has no context. */
export async function sealSecretOf(
  db: Queryable,
  tenantId: string,
  credentialId: string,
  secret: string,
): Promise<SealedSecret> {
  const records = new SqlKeyRecords(db)
  const place = credentialPlace(tenantId, credentialId)
  const { sealer } = configuredKeys()
  const { bytes, keyVersion } = await sealer.seal(records, place, Buffer.from(secret))
  return {
    ciphertext: Buffer.from(bytes),
    encryptionKeyId: records.idOf(keyVersion),
    hint: secret.length >= hintedLength ? secret.slice(-4) : '',
  }
}

/**
 * Opens the secret of an integration credential of the transaction's tenant.
 *
 * @throws SEAL_BROKEN when it was altered or stood in another row; KEY_NOT_FOUND, KEY_DISABLED,
 * KEY_DESTROYED, KEY_PROVIDER_FAILED; CONTEXT_REQUIRED without a tenant.
 */
export async function openSecret(
  tx: Transaction,
  credentialId: string,
  ciphertext: Uint8Array,
): Promise<string> {
  const place = credentialPlace(tenantOf(tx), credentialId)
  const { sealer } = configuredKeys()
  return Buffer.from(await sealer.open(new SqlKeyRecords(tx), place, ciphertext)).toString()
}
