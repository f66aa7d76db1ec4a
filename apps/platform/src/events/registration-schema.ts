import { z } from 'zod'
import { jsonRow } from '../database/json-row.js'
import { plainText, shownTime } from '../security/fields.js'
import { emailAddress } from './fields.js'
import type { RegistrationRow } from './registration-repository.js'

/** Where a registration stands: `pending` holds its seat until `reservedUntil`. */
export const registrationState: z.ZodEnum<{
  pending: 'pending'
  confirmed: 'confirmed'
  cancelled: 'cancelled'
}> = z.enum(['pending', 'confirmed', 'cancelled'])

const registration = z.object({
  id: z.uuid(),
  eventId: z.uuid(),
  ticketTypeId: z.uuid(),
  userId: z.nullable(z.uuid()),
  attendeeName: z.nullable(z.string()),
  attendeeEmail: z.nullable(z.string()),
  state: registrationState,
  code: z.nullable(z.string()),
  registeredAt: shownTime,
  confirmedAt: z.nullable(shownTime),
  reservedUntil: z.nullable(shownTime),
  cancelledAt: z.nullable(shownTime),
})

/** A registration as organisers and its owner see it; auditors see null for what is personal. */
export const registrationSchema: typeof registration = registration

/** The registration as replies show it. */
export function shownRegistration(row: RegistrationRow): z.input<typeof registration> {
  return jsonRow(row)
}

const answerName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_-]{0,39}$/, 'is no name of an answer')

const attendee = {
  name: plainText(200),
  email: emailAddress,
  answers: z
    .record(answerName, plainText(500))
    .refine((answers) => Object.keys(answers).length <= 20, 'has more than 20 answers')
    .default({}),
}

/** Who comes. */
export const attendeeFields: typeof attendee = attendee
