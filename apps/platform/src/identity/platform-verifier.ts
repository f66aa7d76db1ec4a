import { decodeJwt } from 'jose'
import { WatertightError } from 'watertight/errors'
import type { TokenClaims, TokenVerifier, VerifiedToken } from 'watertight/http'
import type { TxManager } from 'watertight/runtime'
import { hashSecret, isApiKey, isSameDigest, prefixOf } from './api-key-secret.js'
import { nobody } from './caller-claims.js'
import { apiKeysOfPrefix, userOfIdentity } from './directory-repository.js'
import type { SessionIssuer } from './session-issuer.js'

/** An OpenID issuer whose access tokens are accepted. */
export interface TrustedIssuer {
  /** `iss`, to the letter. */
  readonly issuer: string
  /** Under which name `core.users.issuer` knows it; the issuer itself by default. */
  readonly knownAs?: string
  readonly verifier: TokenVerifier
}

export interface PlatformVerifierOptions {
  readonly tx: TxManager
  readonly issuers: readonly TrustedIssuer[]
  readonly sessions: SessionIssuer
}

const maxTokenBytes = 8192
/** How long an API key that was looked up counts as known, in seconds: one request. */
const keySeconds = 60

/**
 * Verifies what callers present: session tokens of the platform, access tokens of OpenID issuers,
 * API keys. Whatever it is, the claims that come out have the form that `callerOf` reads, and `sub`
 * is a user of the platform.
 */
export function platformVerifier(options: PlatformVerifierOptions): TokenVerifier {
  const { tx, sessions } = options
  const issuers = new Map(options.issuers.map((each) => [each.issuer, each]))
  return {
    maxTokenBytes,
    async verify(token) {
      if (isApiKey(token)) return keyOf(tx, token)
      const issuer = claimedIssuer(token)
      if (issuer === sessions.issuer) return sessionOf(await sessions.verifier.verify(token))
      const trusted = issuers.get(issuer)
      if (trusted === undefined) throw refused('it is of another issuer')
      return signInOf(tx, trusted, await trusted.verifier.verify(token))
    },
  }
}

/** SECURITY: it only picks the verifier, which then holds the token to its own issuer and keys. */
function claimedIssuer(token: string): string {
  try {
    return String(decodeJwt(token).iss)
  } catch {
    throw refused('it is malformed')
  }
}

function sessionOf({ claims, refusedFrom }: VerifiedToken): VerifiedToken {
  const { scope, ...rest } = claims
  return { claims: { ...rest, limited_to: scope }, refusedFrom }
}

async function signInOf(
  tx: TxManager,
  { issuer, knownAs = issuer }: TrustedIssuer,
  { claims, refusedFrom }: VerifiedToken,
): Promise<VerifiedToken> {
  const subject = claims.sub
  if (subject === undefined || subject === '') throw refused('it names no user')
  const userId = await userOfIdentity(tx.asPublic(), knownAs, subject)
  return {
    claims: {
      sub: userId ?? nobody,
      tenant_id: claims['tenant_id'],
      org_unit_id: claims['org_unit_id'],
      // A service acts for itself (RFC 9068, section 2.2), and within what it asked for.
      limited_to: claims['client_id'] === subject ? (textOf(claims['scope']) ?? '') : undefined,
      signed_in_until: refusedFrom,
      sign_in_ends: secondsOf(claims['sign_in_ends']),
      identity: {
        issuer: knownAs,
        subject,
        email: verifiedEmail(claims),
        name: textOf(claims['name']),
      },
    },
    refusedFrom,
  }
}

function verifiedEmail(claims: TokenClaims): string | null {
  return claims['email_verified'] === true ? (textOf(claims['email'])?.toLowerCase() ?? null) : null
}

function secondsOf(value: unknown): number | null {
  return Number.isSafeInteger(value) ? Number(value) : null
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

async function keyOf(tx: TxManager, secret: string): Promise<VerifiedToken> {
  const prefix = prefixOf(secret)
  const found = prefix === null ? [] : await apiKeysOfPrefix(tx.asPublic(), prefix)
  const presented = hashSecret(secret)
  const key = found.find(({ key_hash: hash }) => isSameDigest(presented, hash))
  if (key === undefined) throw refused('it is no live API key')
  return {
    claims: {
      sub: key.created_by,
      tenant_id: key.tenant_id,
      api_key_id: key.id,
      limited_to: [...key.scopes],
    },
    refusedFrom: Math.floor(Date.now() / 1000) + keySeconds,
  }
}

function refused(reason: string): WatertightError {
  return new WatertightError('INVALID_TOKEN', `the bearer token was refused: ${reason}`)
}
