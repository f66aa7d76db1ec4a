import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteLength, derivedName, maxIdentifierBytes, quoteIdentifier } from './index.js'

const identifier = fc
  .string({
    unit: fc.constantFrom('a', 'b', '_', '"', ' ', 'ü', '日', '🐘', 'Z'),
    minLength: 1,
    maxLength: 63,
  })
  .filter((name) => byteLength(name) <= maxIdentifierBytes)
const parts = fc.array(identifier, { minLength: 1, maxLength: 4 })
const suffix = fc.constantFrom('idx', 'tenant_idx', 'tenant_guard', 'key', 'fkey')

describe('a derived name', () => {
  it('is the parts and the suffix while they fit', () => {
    expect(derivedName(['orders'], 'tenant_idx')).toBe('orders_tenant_idx')
    expect(derivedName(['a'.repeat(31), 'b'.repeat(27)], 'idx')).toHaveLength(63)
  })

  it('keeps the start and the suffix when it has to be cut', () => {
    expect(derivedName(['a'.repeat(63)], 'tenant_idx')).toMatch(/^a{40,}_[0-9a-z]{7}_tenant_idx$/)
  })

  it('is always an identifier that ends in its suffix', () => {
    fc.assert(
      fc.property(parts, suffix, (names, end) => {
        const name = derivedName(names, end)
        expect(byteLength(name)).toBeLessThanOrEqual(maxIdentifierBytes)
        expect(name.endsWith(`_${end}`)).toBe(true)
        expect(Buffer.from(name, 'utf8').toString('utf8')).toBe(name)
        expect(quoteIdentifier(name)).not.toBe('')
        expect(derivedName(names, end)).toBe(name)
      }),
      { numRuns: 1000 },
    )
  })

  it('never cuts a character in two', () => {
    for (let length = 40; length <= 63; length += 1) {
      const name = derivedName(['x'.repeat(length % 4) + '🐘'.repeat(15), 'ü'.repeat(31)], 'idx')
      expect(name).not.toMatch(/[\p{Cs}\ufffd]/u)
    }
  })

  it('differs for names that differ only in the part that is cut off', () => {
    const long = 'customer_relationship_management_opportunity_line_items_'
    const names = Array.from({ length: 2000 }, (_, index) =>
      derivedName([`${long}${index}`], 'tenant_idx'),
    )
    expect(new Set(names).size).toBe(names.length)
  })

  it('differs for cut names whose parts are divided differently', () => {
    const head = 'x'.repeat(60)
    expect(derivedName([head, 'a_b'], 'idx')).not.toBe(derivedName([head, 'a', 'b'], 'idx'))
  })

  it('differs for any two long names', () => {
    const long = identifier.map((name) => 'p'.repeat(50) + name)
    fc.assert(
      fc.property(long, long, suffix, (left, right, end) => {
        const isSame = derivedName([left], end) === derivedName([right], end)
        expect(isSame).toBe(left === right)
      }),
      { numRuns: 1000 },
    )
  })
})
