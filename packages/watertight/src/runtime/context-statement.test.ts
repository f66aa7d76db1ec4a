import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ContextSource } from '../model/index.js'
import { contextStatement } from './context-statement.js'
import { parseTenantContext } from './parse-tenant-context.js'
import { generateSigningKey } from './signing-key.js'
import type { TenantContext } from './tenant-context.js'

const tenant = '0195b4f0-5b5c-7000-8000-00000000000a'
const user = '0195b4f0-5b5c-7000-8000-00000000000b'
const member = parseTenantContext({
  mode: 'member',
  tenantId: tenant,
  userId: user,
  orgScope: 'unit',
  orgUnitId: user,
  expiresAt: 1_767_225_600,
})
const anyone = parseTenantContext({ mode: 'public' })

describe('contextStatement', () => {
  it('sends a signed context as one bind parameter, absent claims left out', () => {
    const statement = contextStatement({ kind: 'signed' }, generateSigningKey('k1'))(member)
    expect(statement.text).toBe(
      "select where pg_catalog.set_config('watertight.context', $1, true) is null",
    )
    const [token] = statement.values
    expect(token).toMatch(
      new RegExp(
        `^[0-9a-f]{64}\\.k1\\.v2-member\\.1767225600\\.${tenant}\\.${user}\\.unit\\.${user}\\.\\.$`,
      ),
    )
  })

  it('signs in ASCII whatever the tenant is called', () => {
    const odd = parseTenantContext(
      { mode: 'member', tenantId: 'Zürich 🏔 "\u0001\u007f.' },
      { keyTypes: { tenant: 'text' } },
    )
    const [token] = contextStatement({ kind: 'signed' }, generateSigningKey('k1'))(odd).values
    expect(token).toMatch(/^[\x20-\x7e]+$/)
    expect(token).toContain('.Z\\303\\274rich\\040\\360\\237\\217\\224\\040\\042\\001\\177\\056.')
  })

  it.each([0, 3, 256])('signs %i capabilities with HMAC-SHA-256', (count) => {
    const key = generateSigningKey('k1')
    const capabilities = Array.from({ length: count }, (_, index) => `capability:${index}`)
    const context = parseTenantContext({ mode: 'member', tenantId: tenant, capabilities })
    for (let use = 0; use < 2; use += 1) {
      const [token] = contextStatement({ kind: 'signed' }, key)(context).values
      const signed = String(token).slice(65)
      const mac = createHmac('sha256', key.secret).update(signed, 'latin1').digest('hex')
      expect(token).toBe(`${mac}.${signed}`)
    }
  })

  it('makes the token of equal claims once per secret, and keeps a bounded number of them', () => {
    let key = generateSigningKey('k1')
    const sign = contextStatement({ kind: 'signed' }, () => key)
    const of = (expiresAt: number) =>
      parseTenantContext({ mode: 'member', tenantId: tenant, expiresAt })
    const first = sign(of(1))
    expect(sign(of(1))).toBe(first)
    expect(sign(of(2)).values).not.toEqual(first.values)
    for (let expiresAt = 3; expiresAt < 1_500; expiresAt += 1) sign(of(expiresAt))
    expect(sign(of(1))).not.toBe(first)
    expect(sign(of(1)).values).toEqual(first.values)
    key = generateSigningKey('k1')
    expect(sign(of(1)).values).not.toEqual(first.values)
  })

  it('asks a function for the current key each time', () => {
    const keys = [generateSigningKey('old'), generateSigningKey('new')]
    const statement = contextStatement({ kind: 'signed' }, () => keys.shift() as never)
    expect(statement(member).values[0]).toContain('.old.v2-')
    expect(statement(member).values[0]).toContain('.new.v2-')
    expect(() => statement(member)).toThrow(
      expect.objectContaining({ code: 'INVALID_SIGNING_KEY' }),
    )
  })

  it('refuses to sign without a key', () => {
    expect(() => contextStatement({ kind: 'signed' }, undefined)).toThrow(
      expect.objectContaining({ code: 'INVALID_SIGNING_KEY' }),
    )
  })

  it.each<[string, ContextSource, TenantContext, string[]]>([
    [
      'guc',
      { kind: 'guc', tenant: 'a.t', user: 'a.u', orgUnits: 'a.o', orgScope: null },
      member,
      ['a.t', tenant, 'a.u', user, 'a.o', user],
    ],
    [
      'guc without claims: every setting is cleared',
      { kind: 'guc', tenant: 'a.t', user: 'a.u', orgUnits: null, orgScope: 'a.s' },
      anyone,
      ['a.t', '', 'a.u', '', 'a.s', ''],
    ],
    [
      'jwt-claims',
      { kind: 'jwt-claims', guc: 'r.c', tenant: '/app_metadata/a~1b', user: '/sub' },
      member,
      ['r.c', JSON.stringify({ app_metadata: { 'a/b': tenant }, sub: user })],
    ],
    [
      'jwt-claims with a hostile pointer',
      { kind: 'jwt-claims', guc: 'r.c', tenant: '/__proto__/t', user: '/__proto__/u' },
      member,
      ['r.c', `{"__proto__":{"t":"${tenant}","u":"${user}"}}`],
    ],
    ['membership', membership(null), member, ['a.u', user]],
    ['membership in claims', membership('/sub'), member, ['a.u', `{"sub":"${user}"}`]],
  ])('sets %s in one SELECT', (_name, source, context, values) => {
    const statement = contextStatement(source, undefined)(context)
    expect(statement.values).toEqual(values)
    expect(statement.text.match(/set_config\(/g)).toHaveLength(values.length / 2)
    expect(Object.prototype).not.toHaveProperty('t')
  })
})

function membership(claim: string | null): ContextSource {
  const via = { table: { schema: 'a', name: 'm' }, user: 'u', tenant: 't', where: null }
  return { kind: 'membership', user: { guc: 'a.u', claim }, via, owner: null }
}
