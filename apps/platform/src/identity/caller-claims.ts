import { z } from 'zod'
import type { Identity } from 'watertight/http'

/** `sub` of somebody whom an issuer vouches for, but who has no account here. */
export const nobody = '00000000-0000-0000-0000-000000000000'

const words = z
  .string()
  .transform((text) => text.split(' ').filter((word) => word !== ''))
  .or(z.array(z.string()))

/** What the platform reads of a token; whoever verified it has put it into this form. */
const callerClaims = z.object({
  mode: z.enum(['member', 'auditor', 'platform']).default('member'),
  tenant_id: z.uuid().nullish(),
  org_unit_id: z.uuid().nullish(),
  grant_id: z.uuid().nullish(),
  api_key_id: z.uuid().nullish(),
  limited_to: words.nullish(),
  signed_in_until: z.number().int().nullish(),
  sign_in_ends: z.number().int().nullish(),
  identity: z
    .object({
      issuer: z.string(),
      subject: z.string(),
      email: z.string().nullable(),
      name: z.string().nullable(),
    })
    .nullish(),
})

/** Somebody as an issuer vouches for them. */
export interface VouchedIdentity {
  readonly issuer: string
  readonly subject: string
  /** Null unless the issuer has verified it. */
  readonly email: string | null
  readonly name: string | null
}

/** Who calls, as the token has it. */
export interface Caller {
  /** Null for who has no account here. */
  readonly userId: string | null
  readonly mode: 'member' | 'auditor' | 'platform'
  readonly tenantId: string | null
  readonly orgUnitId: string | null
  readonly grantId: string | null
  readonly apiKeyId: string | null
  /** What a service or an API key may do at most; null for people. */
  readonly limitedTo: readonly string[] | null
  /** Until when the sign-in holds that the token stems from, in seconds since 1970. */
  readonly signedInUntil: number
  /** When the issuer ends the sign-in, to be shown alone: no token of the platform lives on it. */
  readonly signInEnds: number
  /** From when on the token is refused, in seconds since 1970. */
  readonly expiresAt: number
  /** Of tokens of an OpenID issuer. */
  readonly vouched: VouchedIdentity | null
}

/** @throws INVALID_TOKEN never: what is malformed counts as absent, and absence opens nothing. */
export function callerOf({ userId, claims, expiresAt }: Identity): Caller {
  const parsed = callerClaims.safeParse(claims)
  const read = parsed.success ? parsed.data : callerClaims.parse({})
  return {
    userId: userId === nobody ? null : userId,
    mode: read.mode,
    tenantId: read.tenant_id ?? null,
    orgUnitId: read.org_unit_id ?? null,
    grantId: read.grant_id ?? null,
    apiKeyId: read.api_key_id ?? null,
    limitedTo: parsed.success ? (read.limited_to ?? null) : [],
    signedInUntil: read.signed_in_until ?? expiresAt,
    signInEnds: read.sign_in_ends ?? read.signed_in_until ?? expiresAt,
    expiresAt,
    vouched: read.identity ?? null,
  }
}
