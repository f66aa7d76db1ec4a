import { beforeAll, describe, expect, it } from 'vitest'
import { normalise, shapeOf } from './normalise.js'
import { parseExpression } from './parse.js'
import { loadParser } from './parser/parser.js'
import { printExpression } from './print/print.js'

beforeAll(loadParser)

describe('the normal form', () => {
  it.each([
    ['a AND (b AND (c AND d))', 'a AND b AND c AND d'],
    ['a OR (b OR c) OR (d AND (e AND f))', 'a OR b OR c OR (d AND e AND f)'],
    ['NOT (NOT (NOT a))', 'NOT a'],
    ['((a))', 'a'],
    ['true::boolean', 'true'],
    ["('x'::text)::text", "'x'::text"],
    ["a ~~ 'x'", "a LIKE 'x'"],
    ["a !~~* 'x'", "a NOT ILIKE 'x'"],
    [
      'EXISTS (SELECT FROM t WHERE (a AND (b AND c)))',
      'EXISTS (SELECT FROM t WHERE a AND b AND c)',
    ],
  ])('of %s is that of %s', (one, other) => {
    expect(shapeOf(parseExpression(one))).toBe(shapeOf(parseExpression(other)))
  })

  it.each([
    ["a = 'x'::text", "a = 'x'"],
    ["a = 'x'::citext", "a = 'x'::text"],
    ["('abc'::varchar(2))::varchar(2)", "'abc'::varchar(3)"],
    ["a OPERATOR(app.~~) 'x'", "a ~~ 'x'"],
    ['a AND b', 'b AND a'],
    ['a AND (b OR c)', 'a AND b OR c'],
    ['NOT a', 'a'],
    ["NOT (NOT 't')", "'t'"],
    ['(SELECT x FROM t ORDER BY 1::int)', '(SELECT x FROM t ORDER BY 1)'],
    [
      'EXISTS (SELECT bool FROM (SELECT true::bool) t)',
      'EXISTS (SELECT bool FROM (SELECT true) t)',
    ],
    ['(a, b) = (1, 2)', 'a = 1 AND b = 2'],
  ])('of %s is not that of %s', (one, other) => {
    expect(shapeOf(parseExpression(one))).not.toBe(shapeOf(parseExpression(other)))
  })

  it('is printed like any expression', () => {
    const text = printExpression(normalise(parseExpression('a AND (NOT NOT b AND c)'))).text
    expect(text).toBe('a AND b AND c')
  })
})
