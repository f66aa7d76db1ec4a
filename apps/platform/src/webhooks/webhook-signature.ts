import { createHmac } from 'node:crypto'
import { DeliveryFailure } from './delivery-failure.js'

/** How a destination's secret is used: `kind` of `sec.integration_credentials`. */
export type CredentialKind = 'hmac' | 'bearer' | 'basic'

/** A secret that was opened for one attempt. */
export interface OpenedCredential {
  readonly kind: CredentialKind
  readonly secret: string
}

/** What is signed: `<id>.<timestamp>.<body>`. */
export interface SignedMessage {
  /** The same in every attempt, so that a receiver knows a message it has had. */
  readonly id: string
  /** Seconds since 1970, of this attempt. */
  readonly timestamp: number
  readonly body: string
}

const prefix = 'whsec_'

/**
 * The `webhook-signature` of Standard Webhooks: `v1,` and HMAC-SHA-256 in base64. A secret that
 * starts with `whsec_` is base64 after that, any other is used as it is.
 *
 * @throws {DeliveryFailure} credential, for a secret of less than 16 bytes
 */
export function signMessage({ id, timestamp, body }: SignedMessage, secret: string): string {
  const key = secret.startsWith(prefix)
    ? Buffer.from(secret.slice(prefix.length), 'base64')
    : Buffer.from(secret, 'utf8')
  if (key.length < 16) throw new DeliveryFailure('credential', 'the secret is too short')
  const mac = createHmac('sha256', key).update(`${id}.${String(timestamp)}.${body}`, 'utf8')
  return `v1,${mac.digest('base64')}`
}

/**
 * The headers of a delivery: id and time always, a signature or an authorisation by the credential.
 *
 * @throws {DeliveryFailure} credential
 */
export function headersOf(
  message: SignedMessage,
  credential: OpenedCredential | null,
): Record<string, string> {
  const headers = { 'webhook-id': message.id, 'webhook-timestamp': String(message.timestamp) }
  if (credential === null) return headers
  const { kind, secret } = credential
  if (kind === 'hmac') return { ...headers, 'webhook-signature': signMessage(message, secret) }
  // SECURITY: what is no header value must not reach an error message, which may show it.
  if (!/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(secret)) {
    throw new DeliveryFailure('credential', 'the secret is no header value')
  }
  const isBasic = kind === 'basic'
  const value = isBasic ? `Basic ${Buffer.from(secret).toString('base64')}` : `Bearer ${secret}`
  return { ...headers, authorization: value }
}
