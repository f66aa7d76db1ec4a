import type { JWK } from 'jose'
import type { Problem } from 'watertight/errors'

/** Where people sign in: at an issuer of yours, or at the demo's own provider. */
export type SignInSetup =
  | {
      readonly kind: 'openid'
      /** `iss`, to the letter; its keys are discovered. */
      readonly issuer: string
    }
  | {
      readonly kind: 'demo'
      /** Of all its accounts; a fresh one when null. */
      readonly password: string | null
    }

/** What a server is told of identity by its environment. */
export interface IdentitySetup {
  readonly signIn: SignInSetup
  /** What access tokens name as their audience: this API. */
  readonly audience: string
  /** The public client of the console at the issuer. */
  readonly consoleClientId: string
  /** Where the issuer may send the console's users back to. */
  readonly consoleCallbacks: readonly string[]
  /** A private P-256 key that all processes share; null for one of this process. */
  readonly sessionKey: JWK | null
}

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Reads what the environment says of identity; what is wrong goes to `problems`, and no value is shown.
 *
 * | variable | meaning |
 * |---|---|
 * | `OIDC_ISSUER` | an OpenID issuer of yours; without it the demo's provider runs at `<publicUrl>/oidc` |
 * | `OIDC_AUDIENCE` | required with an issuer of yours; `<publicUrl>/api/v1` for the demo |
 * | `OIDC_CLIENT_ID` | the console's client at the issuer (`console`) |
 * | `OIDC_CALLBACKS` | addresses, with commas, that it may send back to (`<publicUrl>/callback`) |
 * | `DEMO_PASSWORD` | of the demo's accounts; a fresh one, printed at the start |
 * | `PLATFORM_SESSION_KEY` | private P-256 key as a JSON Web Key; needed with several processes |
 *
 * @param publicUrl where browsers reach this server, without a slash at the end
 */
export function readIdentitySetup(
  variables: Variables,
  publicUrl: string,
  problems: Problem[],
): IdentitySetup {
  const problem = (path: string, message: string): void => void problems.push({ path, message })
  const setting = (name: string): string | null => variables[name] || null
  const issuer = setting('OIDC_ISSUER')
  const audience = setting('OIDC_AUDIENCE')
  if (issuer !== null && !isWebAddress(issuer)) {
    problem('OIDC_ISSUER', 'is no https address, nor one of this machine')
  }
  if (issuer !== null && audience === null) {
    problem('OIDC_AUDIENCE', 'is required with OIDC_ISSUER')
  }
  const password = setting('DEMO_PASSWORD')
  if (password !== null && password.length < 8) {
    problem('DEMO_PASSWORD', 'is shorter than 8 characters')
  }
  const callbacks = (setting('OIDC_CALLBACKS') ?? `${publicUrl}/callback`)
    .split(',')
    .flatMap((address) => address.trim() || [])
  if (!callbacks.every(isWebAddress)) {
    problem('OIDC_CALLBACKS', 'are https addresses, or ones of this machine')
  }
  return {
    signIn: issuer === null ? { kind: 'demo', password } : { kind: 'openid', issuer },
    audience: audience ?? `${publicUrl}/api/v1`,
    consoleClientId: setting('OIDC_CLIENT_ID') ?? 'console',
    consoleCallbacks: callbacks,
    sessionKey: sessionKeyOf(setting('PLATFORM_SESSION_KEY'), problem),
  }
}

/** `https`, or plain `http` on this machine. */
export function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, search, hash } = new URL(text)
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  return (protocol === 'https:' || (protocol === 'http:' && isLocal)) && search + hash === ''
}

function sessionKeyOf(
  text: string | null,
  problem: (path: string, message: string) => void,
): JWK | null {
  if (text === null) return null
  try {
    const key = JSON.parse(text) as JWK | null
    if (key?.kty === 'EC' && key.crv === 'P-256' && typeof key.d === 'string') return key
  } catch {
    // Said below, without the text.
  }
  problem('PLATFORM_SESSION_KEY', 'is no private P-256 key as a JSON Web Key')
  return null
}
