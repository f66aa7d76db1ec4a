import type { ContextSource } from '../model/index.js'
import { WatertightError } from '../errors/index.js'
import type { Statement } from './driver.js'
import { claimsText, withMac } from './sign-context.js'
import type { SigningKey } from './signing-key.js'
import { checkSigningKey } from './signing-key.js'
import type { TenantContext } from './tenant-context.js'

/** A key, or a function that returns the current one, for rotation without a restart. */
export type SigningKeySource = SigningKey | (() => SigningKey)

/** Makes the statement that puts a context into the current transaction. */
export type ContextStatement = (context: TenantContext) => Statement

/**
 * Without a row: the server would send the token back. `set_config` is volatile, so it is called once.
 * SECURITY: named with its schema, for a `search_path` that SQL left on the session may hold another.
 */
const setContext = "select where pg_catalog.set_config('watertight.context', $1, true) is null"

/**
 * How contexts reach the database, for each kind of context in the model. Every setting of a plain
 * kind is written each time, so that a value left behind on the session cannot show through.
 *
 * @throws INVALID_SIGNING_KEY when the kind is `signed` and the key is missing or malformed.
 */
export function contextStatement(
  source: ContextSource,
  signingKey: SigningKeySource | undefined,
): ContextStatement {
  switch (source.kind) {
    case 'signed': {
      if (signingKey === undefined) {
        throw new WatertightError('INVALID_SIGNING_KEY', 'signed contexts need a signing key', {
          object: 'createTxManager',
          hint: 'Pass signingKey: parseSigningKey(process.env.WATERTIGHT_SIGNING_KEY).',
        })
      }
      if (typeof signingKey !== 'function') checkSigningKey(signingKey)
      const signed = signedBy()
      return (context) =>
        signed(context, typeof signingKey === 'function' ? signingKey() : signingKey)
    }
    case 'guc':
      return (context) =>
        setSettings([
          [source.tenant, context.tenantId],
          [source.user, context.userId],
          [source.orgUnits, context.orgUnitId],
          [source.orgScope, context.orgScope],
        ])
    case 'jwt-claims':
      return (context) => {
        const claims = claimsObject([
          [source.tenant, context.tenantId],
          [source.user, context.userId],
        ])
        return setSettings([[source.guc, claims]])
      }
    case 'membership':
      return (context) => {
        const { guc, claim } = source.user
        const value = claim === null ? context.userId : claimsObject([[claim, context.userId]])
        return setSettings([[guc, value]])
      }
  }
}

/** Tokens that are kept per key, whatever the number of tenants. */
const keptTokens = 1_000

/**
 * Signs equal claims once per key: they make an equal token, and the expiry is one of them. Most
 * requests of a session differ in nothing else.
 */
function signedBy(): (context: TenantContext, key: SigningKey) => Statement {
  const bySecret = new WeakMap<Uint8Array, Map<string, Statement>>()
  return (context, key) => {
    const { kid, secret } = checkSigningKey(key)
    let known = bySecret.get(secret)
    if (known === undefined) bySecret.set(secret, (known = new Map<string, Statement>()))
    const claims = claimsText(context, kid)
    const found = known.get(claims)
    if (found !== undefined) return found
    const claim: Statement = Object.freeze({
      text: setContext,
      values: Object.freeze([withMac(claims, key)]),
      discard: true,
    })
    known.set(claims, claim)
    const [oldest] = known.keys()
    if (known.size > keptTokens && oldest !== undefined) known.delete(oldest)
    return claim
  }
}

const setCalls = [1, 2, 3, 4].map((count) => {
  const calls = Array.from(
    { length: count },
    (_, i) => `pg_catalog.set_config($${2 * i + 1}, $${2 * i + 2}, true)`,
  )
  return `select ${calls.join(', ')}`
})

/** One SELECT that makes at most four settings for the rest of the transaction. */
export function settingsStatement(settings: readonly (readonly [string, string])[]): Statement {
  return { text: setCalls[settings.length - 1] ?? '', values: settings.flat(), discard: true }
}

/** Absent claims become the empty string. */
function setSettings(settings: readonly (readonly [string | null, string | null])[]): Statement {
  return settingsStatement(
    settings.flatMap(([name, value]) => (name === null ? [] : [[name, value ?? ''] as const])),
  )
}

interface Claims {
  [key: string]: Claims | string
}

/** A JSON object with values at JSON pointers (RFC 6901), or at plain top-level names. */
function claimsObject(claims: readonly (readonly [string | null, string | null])[]): string {
  const root = Object.create(null) as Claims
  for (const [pointer, value] of claims) {
    if (pointer === null || value === null) continue
    const path = pointer.startsWith('/') ? pointer.slice(1).split('/').map(unescape) : [pointer]
    let target = root
    for (const key of path.slice(0, -1)) {
      const next = target[key]
      const child = typeof next === 'object' ? next : (Object.create(null) as Claims)
      target[key] = child
      target = child
    }
    target[path.at(-1) ?? ''] = value
  }
  return JSON.stringify(root)
}

function unescape(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}
