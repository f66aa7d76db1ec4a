import type { Queryable } from 'watertight/sql'
import { defaultTexts, filled } from './default-texts.js'
import type { MailKey } from './default-texts.js'

/** A mail to one person. */
export interface NewMail {
  readonly key: MailKey
  readonly to: string
  /** Null for who has no account. */
  readonly userId: string | null
  readonly values: Readonly<Record<string, string>>
}

interface StoredText {
  readonly templateId: string | null
  readonly systemTemplateId: string
  readonly subject: string | null
  readonly body: string
}

const findText = `
select t.id as "templateId", s.id as "systemTemplateId", coalesce(t.subject, s.subject) as subject,
  coalesce(t.body, s.body) as body
from notify.system_templates s
left join notify.templates t on t.system_template_id = s.id and t.archived_at is null
where s.key = $1 and s.channel = 'email' and s.locale = 'en'`

// SECURITY: whoever asks again and again for somebody else's address fills no mailbox.
const insertMail = `
insert into notify.notification_logs (template_id, system_template_id, recipient_id,
  recipient_address, channel, subject, body, due_at)
select $1::uuid, $2::uuid, $3::uuid, $4::text, 'email', $5::text, $6::text, now()
where not exists (
  select from notify.notification_logs sent
  where sent.recipient_address = $4 and sent.subject = $5 and sent.body = $6
    and sent.created_at > now() - interval '10 minutes')`

/**
 * Queues a mail in the transaction of the change that it tells of; a worker sends it after the commit.
 * The text is the tenant's own, else that of the platform, else the built-in one. The same mail to the
 * same address is sent once in ten minutes.
 */
export async function queueMail(
  db: Queryable,
  { key, to, userId, values }: NewMail,
): Promise<void> {
  const { rows } = await db.query<StoredText>(findText, [key])
  const text = rows[0]
  const { subject, body } = text ?? defaultTexts[key]
  // A line break would begin another header.
  const line = filled(subject ?? defaultTexts[key].subject, values).replace(/\s+/g, ' ')
  await db.query(insertMail, [
    text?.templateId ?? null,
    text?.systemTemplateId ?? null,
    userId,
    to,
    line,
    filled(body, values),
  ])
}
