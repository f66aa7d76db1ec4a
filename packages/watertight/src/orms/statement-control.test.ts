import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { controlOf } from './statement-control.js'

describe('the control that a statement has over its transaction', () => {
  it.each([
    ['begin', { kind: 'begin', modes: {} }],
    [' BEGIN;', { kind: 'begin', modes: {} }],
    ['/* a /* nested */ comment */ begin -- now', { kind: 'begin', modes: {} }],
    [
      'START TRANSACTION ISOLATION LEVEL SERIALIZABLE READ ONLY',
      { kind: 'begin', modes: { isolationLevel: 'serializable', readOnly: true } },
    ],
    [
      'begin transaction\n isolation level read uncommitted, read write, not deferrable',
      { kind: 'begin', modes: { isolationLevel: 'read committed', readOnly: false } },
    ],
    ['set transaction read only', { kind: 'set-transaction', modes: { readOnly: true } }],
    ['COMMIT TRANSACTION', { kind: 'commit' }],
    ['end', { kind: 'commit' }],
    [';commit', { kind: 'commit' }],
    ["/* it's */ commit -- '", { kind: 'commit' }],
    ['rollback work', { kind: 'rollback' }],
    ['abort', { kind: 'rollback' }],
    ['SAVEPOINT Trx1;', { kind: 'savepoint', name: 'trx1' }],
    ['savepoint "Trx""1"', { kind: 'savepoint', name: 'Trx"1' }],
    ['release savepoint trx1', { kind: 'release', name: 'trx1' }],
    ['ROLLBACK TO trx1', { kind: 'rollback-to', name: 'trx1' }],
    ['rollback transaction to savepoint trx1', { kind: 'rollback-to', name: 'trx1' }],
    ["set local statement_timeout = '5s'", { kind: 'transaction-local' }],
    ['SET CONSTRAINTS ALL DEFERRED', { kind: 'transaction-local' }],
    ['select 1', { kind: 'none' }],
    ['explain (analyze) select 1', { kind: 'none' }],
    ['(select 1)', { kind: 'none' }],
    ['-- commit\nselect 1', { kind: 'none' }],
    ["select 'commit'", { kind: 'none' }],
    ['with begin as (select 1) select * from begin', { kind: 'none' }],
    ['create table t (id int)', { kind: 'none' }],
    ['', { kind: 'none' }],
  ])('recognises %j', (text, control) => {
    expect(controlOf(text)).toEqual(control)
  })

  it('sees through white space and comments, which PostgreSQL skips', () => {
    const filling = fc
      .array(
        fc.oneof(
          fc.constantFrom(' ', '\n', '\t', '\r', '\f', '\v', '--\n', '-- begin; select\n'),
          fc.constantFrom('/**/', "/* it's */", '/* /* " */ */', '/*--*/', "/* ' /*/**/*/ ' */"),
        ),
        { minLength: 1, maxLength: 5 },
      )
      .map((parts) => parts.join(''))
    const words = fc.constantFrom(
      ['commit', 'transaction'],
      ['rollback', 'to', 'savepoint', 'a'],
      ['set', 'role', 'other'],
      ['reset', 'all'],
      ['release', 'a'],
      ['begin', 'read', 'only'],
    )
    fc.assert(
      fc.property(words, fc.array(filling, { minLength: 5, maxLength: 5 }), (parts, between) => {
        const text = parts.flatMap((part, index) => [between[index] ?? ' ', part]).join('')
        const plain = outcomeOf(parts.join(' '))
        expect(outcomeOf(text)).toEqual(plain)
        expect(plain).not.toEqual({ kind: 'none' })
      }),
      { seed: 4, numRuns: 500 },
    )
  })

  it.each([
    'begin deferrable',
    'begin; drop table t',
    'commit and chain',
    'rollback and chain',
    "commit prepared 'x'",
    "rollback prepared 'x'",
    "prepare transaction 'x'",
    'prepare p as select 1',
    'execute p',
    'deallocate all',
    'savepoint a; commit',
    'savepoint "a" "b"',
    'set search_path = other',
    'set local search_path = other',
    'set local role other',
    'SET SESSION AUTHORIZATION other',
    'set session characteristics as transaction read only',
    "set local watertight.context = 'v1.x'",
    '/**/ set /**/ role /**/ other',
    'reset all',
    'discard all',
    'explain analyze create temp table t as select 1',
    'EXPLAIN (ANALYZE, COSTS OFF) EXECUTE p',
    'listen channel',
    'unlisten *',
    "load 'library'",
    'create temp table t as select * from invoices',
    'create local temporary table t (id int)',
    'declare c cursor with hold for select 1',
    "select set_config('app.tenant_id', 'other', false)",
    "select SET_CONFIG('app.tenant_id', 'other', true)",
    `select "set_config"('app.tenant_id', 'other', true)`,
  ])('refuses %j', (text) => {
    expect(() => controlOf(text)).toThrow(expect.objectContaining({ code: 'STATEMENT_REFUSED' }))
  })
})

function outcomeOf(text: string): unknown {
  try {
    return controlOf(text)
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}
