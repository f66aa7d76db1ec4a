import fc from 'fast-check'
import type { TypeName } from '../../src/expr/ir/names.js'

/** Any text that PostgreSQL can store. */
export const arbitraryText: fc.Arbitrary<string> = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .filter((one) => !/[\0\p{Cs}]/u.test(one))

/** Names: plain, hostile, and words that the grammar treats in a special way. */
export const arbitraryName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'a',
    'tenant_id',
    'Tenant',
    'select',
    'double',
    'interval',
    'year',
    'over',
    'filter',
  ),
  fc.constantFrom(
    '"',
    "'",
    '--',
    '; drop',
    'any',
    'row',
    'current_user',
    'ü',
    'position',
    'lateral',
  ),
  fc.constantFrom('within', 'ordinality', 'recursive', 'default', 'time', 'json', 'values', 'only'),
  arbitraryText.filter((one) => one !== '' && new TextEncoder().encode(one).length <= 63),
)

/** Type names. */
export const arbitraryType: fc.Arbitrary<TypeName> = fc.record({
  schema: fc.option(arbitraryName),
  name: arbitraryName,
  modifiers: fc.array(fc.oneof(fc.integer({ min: -9, max: 99 }), arbitraryName), { maxLength: 2 }),
  dimensions: fc.array(fc.option(fc.nat({ max: 9 })), { maxLength: 2 }),
})
