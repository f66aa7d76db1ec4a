import { generateKeyPair, exportJWK, importJWK, calculateJwkThumbprint, SignJWT } from 'jose'
import type { CryptoKey, JWK } from 'jose'
import { createTokenVerifier } from 'watertight/http'
import type { TokenVerifier } from 'watertight/http'
import { WatertightError } from 'watertight/errors'

/** What a session token lets its bearer act as; checked again in the database at every request. */
export interface SessionClaims {
  readonly userId: string
  readonly tenantId: string
  readonly mode: 'member' | 'auditor' | 'platform'
  /** The unit of a member that works in one of several; null for the first or for all. */
  readonly orgUnitId: string | null
  /** The grant that an auditor or platform staff enter by. */
  readonly grantId: string | null
  /** What a service may do at most; null for people. */
  readonly scopes: readonly string[] | null
  /** No token lives longer than the sign-in that it was made for; seconds since 1970. */
  readonly signedInUntil: number
  /** When the sign-in ends, to be shown alone; seconds since 1970. */
  readonly signInEnds?: number
}

/** A token for one tenant, in the name of the platform. */
export interface IssuedSession {
  readonly token: string
  /** Seconds since 1970. */
  readonly expiresAt: number
}

/** Makes and verifies the short-lived tokens that tenant and org unit are switched with. */
export interface SessionIssuer {
  readonly issuer: string
  readonly verifier: TokenVerifier
  /** Signs a token that lives ten minutes at most, and no longer than `until`. */
  issue(claims: SessionClaims, until?: number): Promise<IssuedSession>
}

export interface SessionIssuerOptions {
  /** Named as `iss`, and different from every OpenID issuer. */
  readonly issuer: string
  /** Named as `aud`: the API. */
  readonly audience: string
  /** A private ES256 key that several processes share; a fresh one by default. */
  readonly privateKey?: JWK
  /** Milliseconds since 1970; `Date.now` by default. */
  readonly now?: () => number
}

/** Longest life of a session token. */
const maxSeconds = 600

/**
 * Opens the platform's own issuer of session tokens (ES256). Its public key verifies them and
 * nothing else; the OpenID provider's keys do not.
 *
 * @throws INVALID_INPUT for a key that is no private P-256 key.
 *
 * @example
 * const sessions = await openSessionIssuer({ issuer: 'https://api.example/session', audience })
 * const { token } = await sessions.issue({ userId, tenantId, mode: 'member', … })
 */
export async function openSessionIssuer(options: SessionIssuerOptions): Promise<SessionIssuer> {
  const { issuer, audience, now = Date.now } = options
  const { privateKey, publicJwk } = await keysOf(options.privateKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  const verifier = createTokenVerifier({
    issuer,
    audience,
    jwks: { keys: [{ ...publicJwk, kid, alg: 'ES256', use: 'sig' }] },
    algorithms: ['ES256'],
    typ: 'at+jwt',
    // One clock: the machine that signs is the one that verifies.
    clockTolerance: 0,
    now,
  })
  return {
    issuer,
    verifier,
    async issue(claims, until = Number.POSITIVE_INFINITY) {
      const issuedAt = Math.floor(now() / 1000)
      const expiresAt = Math.min(issuedAt + maxSeconds, claims.signedInUntil, Math.floor(until))
      const token = await new SignJWT(payloadOf(claims))
        .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(claims.userId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .setJti(crypto.randomUUID())
        .sign(privateKey)
      return { token, expiresAt }
    },
  }
}

function payloadOf(claims: SessionClaims): Record<string, string | number> {
  const { tenantId, mode, orgUnitId, grantId, scopes, signedInUntil, signInEnds } = claims
  return {
    tenant_id: tenantId,
    mode,
    signed_in_until: signedInUntil,
    ...(signInEnds !== undefined && { sign_in_ends: signInEnds }),
    ...(orgUnitId !== null && { org_unit_id: orgUnitId }),
    ...(grantId !== null && { grant_id: grantId }),
    ...(scopes !== null && { scope: scopes.join(' ') }),
  }
}

async function keysOf(given: JWK | undefined): Promise<{ privateKey: CryptoKey; publicJwk: JWK }> {
  if (given === undefined) {
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    return { privateKey, publicJwk: await exportJWK(publicKey) }
  }
  const { kty, crv, x, y, d } = given
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined || d === undefined) {
    throw unusable()
  }
  const privateKey = await importJWK(given, 'ES256').catch(() => {
    throw unusable()
  })
  if (privateKey instanceof Uint8Array) throw unusable()
  return { privateKey, publicJwk: { kty, crv, x, y } }
}

function unusable(): WatertightError {
  return new WatertightError('INVALID_INPUT', 'the session key must be a private P-256 key', {
    object: 'session key',
    hint: 'Give it as a JSON Web Key with kty EC, crv P-256 and d.',
  })
}
