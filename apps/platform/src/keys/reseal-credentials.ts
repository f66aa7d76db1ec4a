import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { resealBatch } from 'watertight/tenants'
import type { StoredSeals } from 'watertight/tenants'
import { SqlKeyRecords } from './key-repository.js'
import { configuredKeys } from './key-setup.js'
import { credentialPlace } from './seal-secret.js'

interface CredentialRow {
  readonly id: string
  readonly secret_ciphertext: Buffer
}

const outdated = sql`select c.id, c.secret_ciphertext
  from sec.integration_credentials c join core.encryption_keys k on k.id = c.encryption_key_id
  where c.tenant_id = $1 and k.version <> $2
  order by c.id limit $3 for update of c`.text

/**
 * Seals up to `limit` secrets of a tenant's credentials anew under its active key, those that are
 * retired included, and resolves with how many these were.
 *
 * @throws KEY_DISABLED and the like when the version that sealed one of them may not be used.
 */
export async function resealCredentials(
  db: Queryable,
  tenantId: string,
  limit = 100,
): Promise<number> {
  const records = new SqlKeyRecords(db)
  const stored: StoredSeals = {
    async outdated(version, count) {
      const { rows } = await db.query<CredentialRow>(outdated, [tenantId, version, count])
      return rows.map(({ id, secret_ciphertext: bytes }) => ({
        place: credentialPlace(tenantId, id),
        bytes,
      }))
    },
    async replace({ place }, { bytes, keyVersion }) {
      await db.query(
        `update sec.integration_credentials set secret_ciphertext = $2, encryption_key_id = $3
         where id = $1`,
        [place.row, Buffer.from(bytes), records.idOf(keyVersion)],
      )
    },
  }
  const purpose = 'credentials'
  return resealBatch(configuredKeys().sealer, records, stored, { tenantId, purpose, limit })
}
