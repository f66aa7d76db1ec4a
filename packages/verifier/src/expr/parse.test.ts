import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { WatertightError } from 'watertight/errors'
import { parsePlpgsqlBody } from './function-body/plpgsql-body.js'
import { parseSqlFunctionBody } from './function-body/sql-body.js'
import { normalise } from './normalise.js'
import { parseExpression, parseSelect } from './parse.js'
import { loadParser } from './parser/parser.js'
import { printExpression } from './print/print.js'
import { resolve } from './resolve/resolve.js'
import { opaqueParts } from './traverse/walk.js'

beforeAll(loadParser)

/** The code of the error that a call throws. Rethrows what is no error of watertight. */
function codeOf(call: () => unknown): string {
  try {
    call()
    return 'none'
  } catch (error) {
    if (error instanceof WatertightError) return error.code
    throw error
  }
}

describe('text that is no single expression', () => {
  it.each([
    '',
    ' ',
    '1) OR (true',
    'a, b',
    'a AS b',
    'a b',
    'a FROM t',
    'ALL a',
    'DISTINCT a',
    'a; DROP TABLE t',
    'a;',
    'a INTO t',
    'a UNION SELECT 1',
    '1 WHERE true',
    'true\0 AND tenant_id = 1',
    '\ud800',
    'SELECT 1',
    "'open",
    '-- nothing',
  ])('is refused: %j', (text) => {
    expect(() => parseExpression(text)).toThrow(expect.objectContaining({ code: 'UNPARSABLE_SQL' }))
  })
})

describe('what is not modelled', () => {
  it.each([
    ['a AND rank() OVER (ORDER BY b) = 1', 'a window function', 'rank() OVER (ORDER BY b)'],
    ['f(a IS JSON OBJECT)', 'IS JSON', 'a IS JSON OBJECT'],
    ["'ü' = a OR (x IS DOCUMENT)", 'an XML expression', 'x IS DOCUMENT'],
    [
      'EXISTS (SELECT FROM t TABLESAMPLE system (1))',
      'a RangeTableSample in FROM',
      't TABLESAMPLE system (1)',
    ],
    [
      'EXISTS (WITH d AS (DELETE FROM t RETURNING 1) SELECT 1 FROM d) AND b',
      'a WITH query that changes data',
      'WITH d AS (DELETE FROM t RETURNING 1) SELECT 1 FROM d',
    ],
    [
      'a = (SELECT sum(x) OVER w FROM t WINDOW w AS (ORDER BY y) LIMIT 1)',
      'a WINDOW clause',
      'SELECT sum(x) OVER w FROM t WINDOW w AS (ORDER BY y) LIMIT 1',
    ],
    [
      'percentile_cont(0.5) WITHIN GROUP (ORDER BY a) > 1',
      'an ordered-set aggregate',
      'percentile_cont(0.5) WITHIN GROUP (ORDER BY a)',
    ],
  ])('becomes opaque with exactly its text: %s', (text, reason, part) => {
    const expr = parseExpression(text)
    expect(opaqueParts(expr)).toEqual([{ kind: 'opaque', reason, text: part }])
    expect(parseExpression(printExpression(expr).text)).toEqual(expr)
  })
})

describe('any text', () => {
  const words = fc.constantFrom(
    ...`a 1 'x' "Q" ( ) [ ] , . :: text = - AND NOT SELECT FROM IN CASE WHEN END IS NULL * $1 ;`.split(
      ' ',
    ),
    ...'-- /* é ROW EXISTS ARRAY OVER WITH VALUES UNION JOIN LATERAL BETWEEN LIKE COLLATE AS'.split(
      ' ',
    ),
  )
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.array(words, { maxLength: 25 }).map((parts) => parts.join(' ')),
  )
  const readers: readonly ((text: string) => unknown)[] = [
    (text) => printExpression(parseExpression(text)),
    parseSelect,
    (text) => parseSqlFunctionBody(text, { returns: 'int', argNames: [] }),
    (text) => parsePlpgsqlBody(`CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$${text}$f$`),
  ]

  it('is parsed or refused with a typed error', () => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const read of readers) expect(codeOf(() => read(text))).toMatch(/^(none|[A-Z_]+)$/)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a huge expression', () => {
  const nested: readonly [string, (depth: number) => string][] = [
    ['parentheses', (depth) => '('.repeat(depth) + '1' + ')'.repeat(depth)],
    ['NOT', (depth) => 'NOT '.repeat(depth) + 'true'],
    ['calls', (depth) => 'f('.repeat(depth) + '1' + ')'.repeat(depth)],
    ['operators', (depth) => '1' + ' + 1'.repeat(depth)],
    ['minus signs', (depth) => '- '.repeat(depth) + 'x'],
    ['casts', (depth) => '1' + '::int'.repeat(depth)],
    ['sub-queries', (depth) => '(SELECT '.repeat(depth) + '1' + ')'.repeat(depth)],
    ['CASE', (depth) => 'CASE WHEN a THEN b ELSE '.repeat(depth) + '1' + ' END'.repeat(depth)],
    ['AND and OR', (depth) => '(a OR (b AND '.repeat(depth / 2) + '1' + '))'.repeat(depth / 2)],
    ['unions', (depth) => `(SELECT 1${' UNION SELECT 1'.repeat(depth)})`],
    ['joins', (depth) => `EXISTS (SELECT FROM a${' CROSS JOIN b'.repeat(depth)})`],
    ['collations', (depth) => 'a' + ' COLLATE "C"'.repeat(depth)],
    ['time zones', (depth) => 'a' + " AT TIME ZONE 'UTC'".repeat(depth)],
    ['fields', (depth) => '(a)' + '.b'.repeat(depth)],
    ['subscripts', (depth) => 'a' + '[1]'.repeat(depth)],
    ['tests', (depth) => 'a' + ' IS NULL'.repeat(depth)],
    ['ranges', (depth) => '1 BETWEEN 1 AND ('.repeat(depth) + '1' + ')'.repeat(depth)],
    ['lists', (depth) => '1 IN ('.repeat(depth) + '1' + ')'.repeat(depth)],
    ['arrays', (depth) => 'ARRAY['.repeat(depth) + '1' + ']'.repeat(depth)],
  ]
  const lookup = { relation: () => null }

  it.each(nested)('of %s, 140 deep, goes through every step', (_, make) => {
    const expr = parseExpression(make(140))
    expect(parseExpression(printExpression(expr).text)).toEqual(expr)
    normalise(expr)
    resolve(expr, { lookup })
  })

  it.each(nested)('of %s, 1,000 and 20,000 deep, does no harm', (_, make) => {
    for (const depth of [400, 1000, 1200, 2000, 20_000, 20_000]) {
      const code = codeOf(() => printExpression(parseExpression(make(depth))))
      expect(['none', 'UNPARSABLE_SQL']).toContain(code)
    }
    expect(parseExpression('a')).toEqual({ kind: 'column', qualifier: [], name: 'a' })
  })

  it('that is wide is read', () => {
    const wide = Array.from({ length: 20_000 }, (_, index) => `(a = '${index}'::text)`)
    expect(parseExpression(wide.join(' AND '))).toMatchObject({ kind: 'and' })
    expect(parseExpression(`a IN (${wide.join(', ')})`)).toMatchObject({ kind: 'in-list' })
  })
})
