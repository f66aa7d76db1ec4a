import { describe, expect, it } from 'vitest'
import { formatTableName, parseTableName, tableKey } from './table-name.js'

describe('a table name', () => {
  it.each([
    ['public.orders', 'public', 'orders', 'public.orders'],
    ['app.User', 'app', 'User', 'app."User"'],
    ['app.user', 'app', 'user', 'app."user"'],
    ['app."odd.name"', 'app', 'odd.name', 'app."odd.name"'],
    ['"my app"."we""ird"', 'my app', 'we"ird', '"my app"."we""ird"'],
    ['größe.日本', 'größe', '日本', '"größe"."日本"'],
    ["a.x';drop", 'a', "x';drop", `a."x';drop"`],
    ['__proto__.constructor', '__proto__', 'constructor', '__proto__.constructor'],
  ])('%s is read as written and written back', (written, schema, name, key) => {
    const table = parseTableName(written)
    expect(table).toEqual({ schema, name })
    expect(formatTableName(table)).toBe(written)
    expect(tableKey(table)).toBe(key)
  })

  it.each([
    'orders',
    '',
    '.',
    'a.',
    '.b',
    'a.b.c',
    'a.b ',
    'a b.c',
    'a."b',
    'a."b"c"',
    'a.b"c',
    'a.""',
    'a.b\0',
    'a."\0"',
    'a."\ud800"',
    `a.${'x'.repeat(64)}`,
    `a."${'ü'.repeat(32)}"`,
    'x'.repeat(1_000_000),
  ])('is not %j', (written) => {
    expect(() => parseTableName(written)).toThrow(
      expect.objectContaining({ name: 'WatertightError', code: 'INVALID_INPUT' }),
    )
  })
})
