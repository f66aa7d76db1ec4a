import { createHash, randomBytes } from 'node:crypto'

/** A one-time token as it is sent, and what the database keeps of it. */
export interface NewInvitationToken {
  readonly token: string
  readonly hash: Buffer
}

/** Makes a token of 256 random bits. */
export function generateInvitationToken(): NewInvitationToken {
  const token = `inv_${randomBytes(32).toString('base64url')}`
  return { token, hash: hashInvitationToken(token) }
}

/** SHA-256: what has 256 random bits needs no slow hash. */
export function hashInvitationToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
