import { createHmac } from 'node:crypto'
import { generateSigningKey } from 'watertight/runtime'
import type { SigningKey } from 'watertight/runtime'

/** The parts of `v1.<kid>.<payload>.<mac>`; the payload may hold dots. */
interface Token {
  readonly version: string
  readonly kid: string
  readonly payload: string
  readonly mac: string
}

/** Claims of a payload under the short keys of the kernel. */
export type Claims = Readonly<Record<string, unknown>>

function parsed(token: string): Token | null {
  const match = /^([^.]*)\.([^.]*)\.(.*)\.([^.]*)$/s.exec(token)
  const [, version = '', kid = '', payload = '', mac = ''] = match ?? []
  return match === null ? null : { version, kid, payload, mac }
}

/** The claims of a token; null when it is none. */
export function claimsOf(token: string): Claims | null {
  const parts = parsed(token)
  if (parts === null) return null
  const claims: unknown = JSON.parse(parts.payload)
  return typeof claims === 'object' && claims !== null ? { ...claims } : null
}

/** A token as the application signs it. */
export function signed(
  claims: Claims,
  { kid, secret }: SigningKey,
  version: string = 'v1',
): string {
  const text = `${version}.${kid}.${JSON.stringify(claims)}`
  return `${text}.${createHmac('sha256', secret).update(text, 'latin1').digest('hex')}`
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
  const payload = JSON.stringify(victim)
  const good = signed(victim, key)
  const mac = good.slice(good.lastIndexOf('.') + 1)
  const withMac = (text: string): string => `v1.${own.kid}.${payload}.${text}`
  const strange = generateSigningKey()
  const zero: SigningKey = { kid: strange.kid, secret: new Uint8Array(32) }
  return [
    { fault: 'the MAC of other claims', token: withMac(own.mac) },
    { fault: 'an empty MAC', token: withMac('') },
    { fault: 'no MAC', token: `v1.${own.kid}.${payload}` },
    { fault: 'a MAC that is no hexadecimal number', token: withMac('z'.repeat(64)) },
    { fault: 'the start of the right MAC', token: good.slice(0, -mac.length + 8) },
    { fault: 'a MAC that is wrong in the end', token: `${good.slice(0, -1)}${flipped(mac)}` },
    { fault: 'an unknown version', token: signed(victim, key, 'v0') },
    { fault: 'a key that the server does not know', token: signed(victim, strange) },
    { fault: 'a key of zeros that the server does not know', token: signed(victim, zero) },
    {
      fault: 'another secret under a known id',
      token: signed(victim, { kid: key.kid, secret: strange.secret }),
    },
    { fault: 'no id of a key', token: `v1..${payload}.${mac}` },
    { fault: 'nothing but the claims', token: payload },
    {
      fault: 'an expiry in the past',
      token: signed({ ...victim, e: Number(victim['e']) - 24 * hour }, key),
    },
    { fault: 'no expiry', token: signed({ ...victim, e: undefined }, key) },
    { fault: 'an expiry that is no number', token: signed({ ...victim, e: 'never' }, key) },
  ]
}

function flipped(mac: string): string {
  return mac.endsWith('0') ? '1' : '0'
}
