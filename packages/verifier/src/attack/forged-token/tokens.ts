import { createHmac } from 'node:crypto'
import { generateSigningKey } from 'watertight/runtime'
import type { SigningKey } from 'watertight/runtime'

/** Names of the claims in the order of a token's fields, see `signContext`. */
const names = ['mode', 'expiry', 'tenant', 'user', 'orgScope', 'orgUnit', 'grant', 'held'] as const

/** The claims of a token as it holds them: escaped, absent ones empty. */
export type Claims = Readonly<Record<(typeof names)[number], string>>

interface Token {
  readonly mac: string
  readonly kid: string
  readonly claims: Claims
}

function parsed(token: string): Token | null {
  const [mac = '', kid = '', ...fields] = token.split('.')
  if (fields.length !== names.length) return null
  const claims = Object.fromEntries(names.map((name, at) => [name, fields[at] ?? ''])) as Claims
  return { mac, kid, claims }
}

/** The claims of a token; null when it is none. */
export function claimsOf(token: string): Claims | null {
  return parsed(token)?.claims ?? null
}

function payloadOf(claims: Claims): string {
  return names.map((name) => claims[name]).join('.')
}

/** A token as the application signs it. */
export function signed(claims: Claims, { kid, secret }: SigningKey): string {
  const text = `${kid}.${payloadOf(claims)}`
  return `${createHmac('sha256', secret).update(text, 'latin1').digest('hex')}.${text}`
}

/** What is wrong with a token, and the token. */
export interface Forgery {
  readonly fault: string
  readonly token: string
}

const hour = 3_600

/**
 * Tokens that claim to be the victim and that no server may take. `real` is a token that the attacker
 * holds, `key` one that the server knows.
 */
export function forgeriesOf(real: string, victim: Claims, key: SigningKey): readonly Forgery[] {
  const own = parsed(real)
  if (own === null) return []
  const payload = payloadOf(victim)
  const good = signed(victim, key)
  const [mac, rest] = [good.slice(0, 64), good.slice(64)]
  const withMac = (text: string): string => `${text}.${own.kid}.${payload}`
  const strange = generateSigningKey()
  const zero: SigningKey = { kid: strange.kid, secret: new Uint8Array(32) }
  return [
    { fault: 'the MAC of other claims', token: withMac(own.mac) },
    { fault: 'an empty MAC', token: withMac('') },
    { fault: 'no MAC', token: `${own.kid}.${payload}` },
    { fault: 'a MAC that is no hexadecimal number', token: withMac('z'.repeat(64)) },
    { fault: 'the start of the right MAC', token: mac.slice(0, 8) + rest },
    { fault: 'a MAC that is wrong in the end', token: mac.slice(0, -1) + flipped(mac) + rest },
    {
      fault: 'an unknown version',
      token: signed({ ...victim, mode: victim.mode.replace('v2-', 'v0-') }, key),
    },
    { fault: 'a key that the server does not know', token: signed(victim, strange) },
    { fault: 'a key of zeros that the server does not know', token: signed(victim, zero) },
    {
      fault: 'another secret under a known id',
      token: signed(victim, { kid: key.kid, secret: strange.secret }),
    },
    { fault: 'no id of a key', token: `${mac}..${payload}` },
    { fault: 'nothing but the claims', token: payload },
    {
      fault: 'an expiry in the past',
      token: signed({ ...victim, expiry: String(Number(victim.expiry) - 24 * hour) }, key),
    },
    { fault: 'no expiry', token: signed({ ...victim, expiry: '' }, key) },
    { fault: 'an expiry that is no number', token: signed({ ...victim, expiry: 'never' }, key) },
  ]
}

function flipped(mac: string): string {
  return mac.endsWith('0') ? '1' : '0'
}
