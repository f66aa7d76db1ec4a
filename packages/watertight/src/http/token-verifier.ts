import { performance } from 'node:perf_hooks'
import { errors, jwtVerify } from 'jose'
import type { JWTPayload, JWTVerifyOptions, JWTVerifyResult } from 'jose'
import { WatertightError } from '../errors/index.js'
import type { AsymmetricAlgorithm } from './asymmetric-algorithms.js'
import { parseAlgorithms } from './asymmetric-algorithms.js'
import type { RemoteKeyOptions } from './remote-key-set.js'
import { RemoteKeySet } from './remote-key-set.js'
import { refusedToken, verificationError } from './token-errors.js'
import type { KeyResolver, StaticKeys } from './verification-keys.js'
import { staticKeys } from './verification-keys.js'

/** The claims of a token whose signature, issuer, audience and times hold. */
export type TokenClaims = Readonly<JWTPayload>

export interface TokenVerifierOptions {
  /**
   * The issuer, to the letter; several if tokens of several are accepted. A function gives the one
   * that verified claims must name, for issuers that differ by tenant (Microsoft Entra).
   */
  readonly issuer: string | readonly string[] | ((claims: TokenClaims) => string)
  /** What the tokens of this service name as audience; one of several is enough. */
  readonly audience: string | readonly string[]
  /** `jwks_uri` of the issuer, or the public keys themselves. */
  readonly jwks: string | URL | StaticKeys
  /** Accepted signature algorithms; all asymmetric ones by default. */
  readonly algorithms?: readonly AsymmetricAlgorithm[]
  /** Seconds by which clocks may differ, 0 to 300; 5 by default. */
  readonly clockTolerance?: number
  /** Longest token that is read, in bytes; 8192 by default. */
  readonly maxTokenBytes?: number
  /** The `typ` that tokens must have, as `at+jwt`; by default `JWT`, `at+jwt` or none. */
  readonly typ?: string
  /** How the key set is fetched and kept. */
  readonly keys?: RemoteKeyOptions
  /** Fetch the key set by plain HTTP from a host other than this machine. */
  readonly allowHttp?: boolean
  /** Milliseconds since 1970; `Date.now` by default. */
  readonly now?: () => number
}

/** A token that was verified. */
export interface VerifiedToken {
  readonly claims: TokenClaims
  /** From when on this verifier refuses the token: `exp` and the clock tolerance, in seconds. */
  readonly refusedFrom: number
}

/** Verifies bearer tokens. */
export interface TokenVerifier {
  readonly maxTokenBytes: number
  /**
   * @throws INVALID_TOKEN for every token that does not hold; KEYS_UNAVAILABLE when there is no
   * telling because the keys cannot be fetched. Neither names the token or its claims.
   */
  verify(token: string): Promise<VerifiedToken>
}

/**
 * Makes a verifier of JSON Web Tokens (RFC 7519) as RFC 8725 asks: one issuer, this audience,
 * asymmetric algorithms, an expiry, keys from the configured set alone.
 *
 * @throws INVALID_INPUT for options that would verify less than that.
 *
 * @example
 * ```ts
 * const verifier = createTokenVerifier({
 *   issuer: 'https://acme.eu.auth0.com/',
 *   audience: 'https://api.acme.example',
 *   jwks: 'https://acme.eu.auth0.com/.well-known/jwks.json',
 * })
 * const { claims } = await verifier.verify(token)
 * ```
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { issuer, now = Date.now } = options
  const clockTolerance = inRange('clockTolerance', options.clockTolerance ?? 5, 0, 300)
  const maxTokenBytes = inRange('maxTokenBytes', options.maxTokenBytes ?? 8192, 64, 1_048_576)
  const resolve = keysOf(options)
  const checks: JWTVerifyOptions = {
    algorithms: [...parseAlgorithms(options.algorithms)],
    audience: names('audience', options.audience),
    clockTolerance,
    requiredClaims: ['exp', 'iss'],
    ...(typeof issuer !== 'function' && { issuer: names('issuer', issuer) }),
    ...(options.typ !== undefined && { typ: names('typ', options.typ)[0] ?? '' }),
  }
  return {
    maxTokenBytes,
    async verify(token) {
      if (typeof token !== 'string') throw refusedToken('it is not a string')
      if (Buffer.byteLength(token) > maxTokenBytes) {
        throw refusedToken(`it is longer than ${maxTokenBytes} bytes`)
      }
      try {
        const current = { ...checks, currentDate: new Date(now()) }
        const { payload, protectedHeader } = await verifyWith(resolve, token, current)
        if (options.typ === undefined) requireTokenType(protectedHeader.typ)
        if (typeof issuer === 'function') requireIssuer(issuer(payload), payload)
        return { claims: payload, refusedFrom: Math.floor(Number(payload.exp)) + clockTolerance }
      } catch (error) {
        throw verificationError(error)
      }
    },
  }
}

/** Tries each key when a token names none and the set holds several of its type. */
async function verifyWith(
  resolve: KeyResolver,
  token: string,
  checks: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, resolve, checks)
  } catch (several) {
    if (!(several instanceof errors.JWKSMultipleMatchingKeys)) throw several
    for await (const key of several) {
      try {
        return await jwtVerify(token, key, checks)
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
      }
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

/** SECURITY: a signed logout notice or DPoP proof of the same issuer is not an access token. */
function requireTokenType(typ: unknown): void {
  if (typ === undefined) return
  if (typeof typ === 'string' && /^(?:application\/)?(?:jwt|at\+jwt)$/i.test(typ)) return
  throw refusedToken('it is a token of another type')
}

function requireIssuer(expected: unknown, { iss }: TokenClaims): void {
  if (typeof expected === 'string' && expected !== '' && iss === expected) return
  throw refusedToken('it is of another issuer')
}

function keysOf(options: TokenVerifierOptions): KeyResolver {
  const { jwks } = options
  if (typeof jwks !== 'string' && !(jwks instanceof URL)) return staticKeys(jwks)
  const url = URL.canParse(jwks.toString()) ? new URL(jwks.toString()) : null
  const isLocal = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  const mayBePlain = isLocal || options.allowHttp === true
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && mayBePlain)) {
    return new RemoteKeySet(url, options.keys ?? {}, () => performance.now()).resolve
  }
  // SECURITY: whoever answers in place of the issuer decides who everybody is.
  throw invalid(
    'jwks must be an https URL, or public keys',
    'Pass allowHttp for a private network.',
  )
}

/** INVARIANT: an undefined or empty expectation is refused, for jose would not check it at all. */
function names(option: string, given: unknown): string[] {
  const list: unknown[] = Array.isArray(given) ? given : [given]
  const good = list.filter((name): name is string => typeof name === 'string' && name !== '')
  if (good.length > 0 && good.length === list.length) return good
  throw invalid(`${option} must be a string or a list of strings, none of them empty`)
}

function inRange(option: string, value: number, least: number, greatest: number): number {
  if (Number.isFinite(value) && value >= least && value <= greatest) return value
  throw invalid(`${option} must be a number from ${least} to ${greatest}`)
}

function invalid(message: string, hint?: string): WatertightError {
  const details = { object: 'createTokenVerifier', ...(hint !== undefined && { hint }) }
  return new WatertightError('INVALID_INPUT', message, details)
}
