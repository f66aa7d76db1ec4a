import { z } from 'zod'

/**
 * PostgreSQL stores no NUL in a text, and no half of a surrogate pair in a jsonb. Line breaks and
 * tabs are what people write; other control characters are not.
 */
const storable = /^(?:[\t\n\r]|[^\p{Cc}\p{Cs}])*$/u

/** A text that people write, from 1 to `max` characters without surrounding space. */
export function plainText(max: number): z.ZodType<string, string> {
  return z.string().trim().min(1).max(max).regex(storable, 'has characters that are not allowed')
}

/** Up to 20 short labels. */
export const tags: z.ZodType<string[], string[]> = z
  .array(z.string().regex(/^[a-z0-9][a-z0-9._-]{0,49}$/, 'is no tag'))
  .max(20)

/** A property that the platform has no column for. */
export type AttributeValue = string | number | boolean | null

const attributeName = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_.-]{0,59}$/, 'is no name of an attribute')

/** Up to 30 further properties: texts, numbers and truth values by name. */
export const attributes: z.ZodType<
  Record<string, AttributeValue>,
  Record<string, AttributeValue>
> = z
  .record(attributeName, z.union([plainText(500), z.number(), z.boolean(), z.null()]))
  .refine((value) => Object.keys(value).length <= 30, 'has more than 30 attributes')

/** Properties as replies show them; what was not entered through the API may be deeper. */
export const shownAttributes: z.ZodType<
  Record<string, unknown>,
  Record<string, unknown>
> = z.record(z.string(), z.unknown())

/** SHA-256 in lower-case hexadecimal digits. */
export const sha256: z.ZodType<string, string> = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'is no SHA-256 digest')

/** A time in the reply of an operation, in UTC. */
export const shownTime: z.ZodISODateTime = z.iso.datetime()

const earliest = Date.UTC(2000, 0, 1)
const maxClockSkewMs = 300_000

/** When something was observed: from the year 2000 to now, with five minutes of clock skew. */
export const recentTime: z.ZodType<string, string> = z.iso
  .datetime({ offset: true })
  .refine((text) => {
    const at = Date.parse(text)
    return at >= earliest && at <= Date.now() + maxClockSkewMs
  }, 'is no time of the recent past')

/** What happened, as messages name it: `alert.raised`. */
export const eventType: z.ZodType<string, string> = z
  .string()
  .max(100)
  .regex(/^[a-z_]+(\.[a-z_]+)+$/, 'is no type of event')
