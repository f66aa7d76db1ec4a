import { beforeAll, describe, expect, it } from 'vitest'
import { parseExpression, parseSelect } from '../parse.js'
import { loadParser } from '../parser/parser.js'
import { ordinaryExpressions, ordinaryQueries } from '../../../test/expr/expressions.js'
import { treeOf, treeOfQuery } from '../../../test/expr/same-tree.js'
import { printExpression, printSelect } from './print.js'

beforeAll(loadParser)

describe('a printed expression', () => {
  it.each(ordinaryExpressions)('is read by PostgreSQL as it was written: %s', (text) => {
    const expr = parseExpression(text)
    expect(JSON.stringify(expr)).not.toContain('"opaque"')
    const printed = printExpression(expr).text
    expect(treeOf(printed)).toBe(treeOf(text))
    expect(parseExpression(printed)).toEqual(expr)
  })
})

describe('a printed query', () => {
  it.each(ordinaryQueries)('is read by PostgreSQL as it was written: %s', (text) => {
    const select = parseSelect(text)
    expect(JSON.stringify(select)).not.toContain('"opaque"')
    const printed = printSelect(select).text
    expect(treeOfQuery(printed)).toBe(treeOfQuery(text))
    expect(parseSelect(printed)).toEqual(select)
  })
})
