import type { Queryable } from 'watertight/sql'
import { queueMail } from '../mail/queue-mail.js'

/** Whom an invitation is mailed to, with the token that opens it. */
export interface InvitationMail {
  readonly email: string
  readonly token: string
  readonly expiresAt: Date
  /** Where browsers reach the console, without a slash at the end; null where that is not known. */
  readonly publicUrl: string | null
}

/**
 * Mails somebody the token of their invitation, in the transaction that makes it.
 *
 * SECURITY: the link has the token behind `#`, which browsers send to no server.
 */
export async function mailInvitation(
  db: Queryable,
  { email, token, expiresAt, publicUrl }: InvitationMail,
): Promise<void> {
  const { rows } = await db.query<{ name: string }>(
    'select name from core.tenants where id = (select watertight.tenant_id())',
  )
  const values = {
    tenant: rows[0]?.name ?? '',
    token,
    until: `${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    link: publicUrl === null ? '' : `${publicUrl}/invitation#${token}`,
  }
  await queueMail(db, { key: 'invitation.created', to: email, userId: null, values })
}
