import { z } from 'zod'
import { plainText } from '../security/fields.js'

/** A time with its offset, to the millisecond: lists continue after times as clients know them. */
export const instant: z.ZodType<string, string> = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())

/** An e-mail address as the platform keeps it: in lower case. */
export const emailAddress: z.ZodType<string, string> = z
  .email()
  .max(254)
  .transform((text) => text.toLowerCase())

/** The last part of the address of a page. */
export const slug: z.ZodString = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'is no slug')

/** ISO 3166-1 alpha-2. */
export const country: z.ZodString = z.string().regex(/^[A-Z]{2}$/, 'is no country code')

/** ISO 4217. */
export const currency: z.ZodString = z.string().regex(/^[A-Z]{3}$/, 'is no currency code')

/** What an event is about, in one word. */
export const category: z.ZodString = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'is no category')

/** Up to three different categories. */
export const categories: z.ZodType<string[], string[]> = z
  .array(category)
  .max(3)
  .refine((list) => new Set(list).size === list.length, 'names a category twice')

/** A text that may be left empty. */
export function optionalText(max: number): z.ZodType<string, string> {
  return z.literal('').or(plainText(max))
}

const zones: ReadonlySet<string> = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC'])

/** A time zone of the IANA database. */
export const timeZone: z.ZodString = z
  .string()
  .max(60)
  .refine((name) => zones.has(name), 'is no time zone')

/** What a ticket shows at the door and its owner shows instead of a login. */
export const ticketCode: z.ZodString = z.string().regex(/^[A-Z0-9]{8}$/, 'is no ticket code')
