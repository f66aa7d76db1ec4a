import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { SigningKey } from '../runtime/index.js'

/** What an envelope says of its job; ids are text, absent claims are null. */
export interface EnvelopeClaims {
  readonly id: string
  readonly queue: string
  readonly name: string | null
  readonly tenantId: string
  readonly userId: string | null
  readonly orgScope: string | null
  readonly orgUnitId: string | null
  readonly capabilities: readonly string[]
  /** Seconds since 1970. */
  readonly issuedAt: number
  readonly expiresAt: number
  /** SHA-256 of the canonical payload, in base64url. */
  readonly payloadHash: string
}

const prefix = 'wtjob1'

/**
 * SECURITY: a key of its own (RFC 5869), so that nothing signed for the queue is ever valid for the
 * database, nor the reverse, whatever the texts look like.
 */
function envelopeKey(key: SigningKey): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key.secret, '', 'watertight job envelope v1', 32))
}

/** In base64url. */
function macOf(signed: string, key: SigningKey): string {
  return createHmac('sha256', envelopeKey(key)).update(signed, 'latin1').digest('base64url')
}

/** `wtjob1.<kid>.<claims>.<mac>`, the last two in base64url. */
export function signEnvelope(claims: EnvelopeClaims, key: SigningKey): string {
  const encoded = Buffer.from(JSON.stringify(claims)).toString('base64url')
  const signed = `${prefix}.${key.kid}.${encoded}`
  return `${signed}.${macOf(signed, key)}`
}

/** The claims of a token that one of the keys signed, or null. */
export function verifyEnvelope(token: string, keys: readonly SigningKey[]): EnvelopeClaims | null {
  const parts = /^(wtjob1\.([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9_-]+))\.([A-Za-z0-9_-]{43})$/.exec(
    token,
  )
  const [, signed = '', kid, encoded = '', mac = ''] = parts ?? []
  if (parts === null) return null
  // SECURITY: as text. The last of 43 characters has two bits that decoding drops, so that several
  // tokens would hold for one envelope.
  const given = Buffer.from(mac, 'latin1')
  const isSigned = keys.some(
    (key) => key.kid === kid && timingSafeEqual(Buffer.from(macOf(signed, key), 'latin1'), given),
  )
  if (!isSigned) return null
  // INVARIANT: signed by a key of ours, so it is what signEnvelope made.
  return JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')) as EnvelopeClaims
}

/** SHA-256 of a text, in base64url. */
export function digest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64url')
}
