import type { Queryable } from 'watertight/sql'
import type { CredentialKind } from './destination-repository.js'

/** A secret that was sealed for its row. */
export interface SealedCredential {
  /** Part of the seal. */
  readonly id: string
  readonly destinationId: string
  readonly kind: CredentialKind
  readonly encryptionKeyId: string
  readonly ciphertext: Buffer
  readonly hint: string
}

/** Ends the live secret of a destination, if it has one of the kinds. */
export async function retireCredential(
  db: Queryable,
  destinationId: string,
  kinds: readonly CredentialKind[] = ['hmac', 'bearer', 'basic'],
): Promise<void> {
  await db.query(
    `update sec.integration_credentials set retired_at = now()
     where destination_id = $1 and retired_at is null and kind = any ($2)`,
    [destinationId, kinds],
  )
}

/** Keeps a sealed secret as the next version; the one before is to be retired first. */
export async function insertCredential(
  db: Queryable,
  { id, destinationId, kind, encryptionKeyId, ciphertext, hint }: SealedCredential,
): Promise<void> {
  await db.query(
    `insert into sec.integration_credentials
       (id, destination_id, encryption_key_id, kind, secret_ciphertext, secret_hint, version)
     select $1, $2, $3, $4, $5, $6, coalesce(max(version), 0) + 1
     from sec.integration_credentials where destination_id = $2`,
    [id, destinationId, encryptionKeyId, kind, ciphertext, hint],
  )
}
