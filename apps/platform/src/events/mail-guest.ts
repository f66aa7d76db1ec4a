import type { Queryable } from 'watertight/sql'
import { queueMail } from '../mail/queue-mail.js'
import type { MailKey } from '../mail/default-texts.js'

/** Who is told what of which event, with the code that opens their ticket or place. */
export interface GuestMail {
  readonly key: MailKey
  readonly eventId: string
  readonly userId: string | null
  readonly name: string | null
  /** Null where the caller may not see it, and then nothing is mailed. */
  readonly email: string | null
  readonly code: string | null
}

/** Mails a guest their code: it goes to the address, never to who asks. */
export async function mailGuest(db: Queryable, guest: GuestMail): Promise<void> {
  const { key, eventId, userId, name, email, code } = guest
  if (email === null || code === null) return
  const { rows } = await db.query<{ title: string }>('select title from evt.events where id = $1', [
    eventId,
  ])
  const values = { event: rows[0]?.title ?? '', name: name ?? '', code }
  await queueMail(db, { key, to: email, userId, values })
}
