import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WatertightError } from '../errors/index.js'
import { isTenantContext, parseTenantContext } from './parse-tenant-context.js'
import type { ParseContextOptions } from './parse-tenant-context.js'
import { isSameContext } from './tenant-context.js'

const tenant = '0195b4f0-5b5c-7000-8000-00000000000a'
const unit = '0195b4f0-5b5c-7000-8000-00000000000b'
const now = (): number => 1_767_225_600_999

function problemsOf(input: unknown, options?: ParseContextOptions): Record<string, string> {
  try {
    parseTenantContext(input, options)
  } catch (error) {
    if (!isInvalidContext(error)) throw error
    return Object.fromEntries(error.problems.map(({ path, message }) => [path, message]))
  }
  throw new Error('was accepted')
}

describe('parseTenantContext', () => {
  it('makes everything optional explicit, canonical and frozen', () => {
    const context = parseTenantContext(
      {
        mode: 'member',
        tenantId: tenant.toUpperCase(),
        orgScope: 'subtree',
        orgUnitId: unit,
        capabilities: ['write', 'read', 'write'],
      },
      { now },
    )
    expect(context).toEqual({
      mode: 'member',
      tenantId: tenant,
      userId: null,
      orgScope: 'subtree',
      orgUnitId: unit,
      capabilities: ['read', 'write'],
      accessGrantId: null,
      expiresAt: 1_767_225_660,
    })
    expect(Object.isFrozen(context)).toBe(true)
    expect(Object.isFrozen(context.capabilities)).toBe(true)
    expect(isTenantContext(context)).toBe(true)
    expect(isTenantContext({ ...context })).toBe(false)
  })

  it.each([
    [{ mode: 'public' }],
    [{ mode: 'worker', tenantId: tenant, userId: unit }],
    [{ mode: 'auditor', tenantId: tenant, userId: unit, accessGrantId: 'g-1' }],
    [{ mode: 'member', tenantId: null, userId: unit }],
    [{ mode: 'member', tenantId: null, userId: unit, orgScope: null, capabilities: null }],
    [{ mode: 'worker', tenantId: null }],
    [{ mode: 'platform', userId: unit }],
    [{ mode: 'platform', userId: unit, tenantId: tenant, accessGrantId: 'g-1' }],
  ])('accepts %j', (input) => {
    expect(parseTenantContext(input).mode).toBe(input.mode)
  })

  it.each([
    ['uuid', tenant.toUpperCase(), tenant],
    ['bigint', '9223372036854775807', '9223372036854775807'],
    ['bigint', -9223372036854775808n, '-9223372036854775808'],
    ['text', 'Zürich 🏔 “quoted” \\ \u0001', 'Zürich 🏔 “quoted” \\ \u0001'],
  ] as const)('reads a %s tenant %s as PostgreSQL prints it', (type, tenantId, canonical) => {
    const context = parseTenantContext({ mode: 'member', tenantId }, { keyTypes: { tenant: type } })
    expect(context.tenantId).toBe(canonical)
  })

  it.each([
    ['no input', undefined, ''],
    ['null', null, ''],
    ['an array', [], ''],
    ['a string', 'tenant', ''],
    ['no mode', { tenantId: tenant }, 'mode'],
    ['a mode from the prototype', { mode: 'toString', tenantId: tenant }, 'mode'],
    ['no tenant', { mode: 'member' }, 'tenantId'],
    ['an undefined tenant', { mode: 'member', tenantId: undefined }, 'tenantId'],
    ['a job without a tenant by omission', { mode: 'worker' }, 'tenantId'],
    ['neither tenant nor user', { mode: 'member', tenantId: null }, 'userId'],
    ['a null tenant of an auditor', auditor({ tenantId: null }), 'tenantId'],
    [
      'units outside of any tenant',
      { mode: 'member', tenantId: null, userId: unit, orgScope: 'all' },
      'orgScope',
    ],
    [
      'capabilities outside of any tenant',
      { mode: 'worker', tenantId: null, capabilities: ['write'] },
      'capabilities',
    ],
    ['an undefined user', { mode: 'member', tenantId: tenant, userId: undefined }, 'userId'],
    ['a tenant in public mode', { mode: 'public', tenantId: tenant }, 'tenantId'],
    ['capabilities of an auditor', auditor({ capabilities: ['write'] }), 'capabilities'],
    ['an auditor without grant', auditor({ accessGrantId: null }), 'accessGrantId'],
    [
      'platform staff entering a tenant without grant',
      { mode: 'platform', userId: unit, tenantId: tenant },
      'accessGrantId',
    ],
    ['a unit without scope', member({ orgUnitId: unit }), 'orgUnitId'],
    ['a scope without unit', member({ orgScope: 'unit' }), 'orgUnitId'],
    ['a unit with scope all', member({ orgScope: 'all', orgUnitId: unit }), 'orgUnitId'],
    ['an unknown scope', member({ orgScope: 'everything' }), 'orgScope'],
    ['a capability that is a number', member({ capabilities: ['a', 1] }), 'capabilities[1]'],
    [
      'an endless list',
      member({ capabilities: Array.from({ length: 257 }, () => 'a') }),
      'capabilities',
    ],
    ['an unknown key', member({ tenant }), '"tenant"'],
    ['an expiry in milliseconds', member({ expiresAt: 1_767_225_600_999_000 }), 'expiresAt'],
    ['an expiry as text', member({ expiresAt: '2027-01-01' }), 'expiresAt'],
    ['an invalid Date', member({ expiresAt: new Date('nonsense') }), 'expiresAt'],
  ])('rejects %s', (_name, input, path) => {
    expect(Object.keys(problemsOf(input))).toContain(path)
  })

  it.each([
    ['uuid', ''],
    ['uuid', ' '],
    ['uuid', '%'],
    ['uuid', `${tenant}\0`],
    ['uuid', `{${tenant}}`],
    ['uuid', [tenant]],
    ['uuid', { toString: () => tenant }],
    ['bigint', '9223372036854775808'],
    ['bigint', '01'],
    ['bigint', '1e3'],
    ['bigint', '１'],
    ['bigint', 7],
    ['text', ' \t\u00a0'],
    ['text', 'a\0b'],
    ['text', ' acme'],
    ['text', 'x'.repeat(257)],
    ['text', '\ud800'],
    ['text', true],
    ['text', 7n],
  ] as const)('rejects as %s tenant: %o', (type, tenantId) => {
    const problems = problemsOf({ mode: 'member', tenantId }, { keyTypes: { tenant: type } })
    expect(Object.keys(problems)).toEqual(['tenantId'])
  })

  it('reports all problems at once, without repeating a value', () => {
    const input = member({ tenantId: 'secret-1', userId: 'secret-2', orgScope: 'secret-3', x: 1 })
    expect(Object.keys(problemsOf(input)).sort()).toEqual(['"x"', 'orgScope', 'tenantId', 'userId'])
    expect(JSON.stringify(problemsOf(input))).not.toContain('secret')
  })

  it('throws nothing but INVALID_CONTEXT, whatever it is given', () => {
    const hostile = {
      get mode(): string {
        throw new Error('from a getter')
      },
    }
    expect(problemsOf(hostile)).toEqual({ '': 'cannot be read' })
    const key = fc.constantFrom('mode', 'tenantId', 'userId', 'orgScope', 'orgUnitId', 'expiresAt')
    const value = fc.oneof(fc.anything(), fc.constantFrom('member', 'all', 'public', tenant))
    const input = fc.oneof(fc.anything(), fc.dictionary(key, value))
    fc.assert(
      fc.property(input, (candidate) => {
        try {
          return isTenantContext(parseTenantContext(candidate, { now }))
        } catch (error) {
          return isInvalidContext(error)
        }
      }),
      { numRuns: 3000 },
    )
  })
})

describe('isSameContext', () => {
  const base = parseTenantContext(member({ capabilities: ['a', 'b'] }))
  it.each([
    ['a later expiry', member({ capabilities: ['b', 'a'], expiresAt: 9_999_999_999 }), true],
    ['another tenant', member({ tenantId: unit, capabilities: ['a', 'b'] }), false],
    ['a user', member({ userId: unit, capabilities: ['a', 'b'] }), false],
    ['fewer capabilities', member({ capabilities: ['a'] }), false],
    ['other capabilities', member({ capabilities: ['a', 'c'] }), false],
    ['an org scope', member({ capabilities: ['a', 'b'], orgScope: 'all' }), false],
    ['another mode', { ...member({ capabilities: ['a', 'b'] }), mode: 'worker' }, false],
  ])('tells %s', (_name, other, same) => {
    expect(isSameContext(base, parseTenantContext(other))).toBe(same)
  })
})

function isInvalidContext(error: unknown): error is WatertightError {
  return error instanceof WatertightError && error.code === 'INVALID_CONTEXT'
}

function member(extra: object): object {
  return { mode: 'member', tenantId: tenant, ...extra }
}

function auditor(extra: object): object {
  return { mode: 'auditor', tenantId: tenant, userId: unit, accessGrantId: 'g-1', ...extra }
}
