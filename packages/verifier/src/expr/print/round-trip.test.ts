import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { arbitraryExpr, arbitraryQuery } from '../../../test/expr/arbitrary-expr.js'
import { parseExpression, parseSelect } from '../parse.js'
import { loadParser } from '../parser/parser.js'
import { normalise } from '../normalise.js'
import { printExpression, printSelect } from './print.js'

beforeAll(loadParser)

const runs = { numRuns: 3000 }

describe('whatever the IR can say', () => {
  it('is read back from its text as the same expression', () => {
    fc.assert(
      fc.property(arbitraryExpr, (expr) => {
        expect(parseExpression(printExpression(expr).text)).toEqual(expr)
      }),
      runs,
    )
  })

  it('is read back from its text as the same query', () => {
    fc.assert(
      fc.property(arbitraryQuery, (select) => {
        expect(parseSelect(printSelect(select).text)).toEqual(select)
      }),
      runs,
    )
  })

  it('has a normal form that is its own normal form', () => {
    fc.assert(
      fc.property(arbitraryExpr, (expr) => {
        const normal = normalise(expr)
        expect(normalise(normal)).toEqual(normal)
        expect(normalise(parseExpression(printExpression(normal).text))).toEqual(normal)
      }),
      runs,
    )
  })
})
