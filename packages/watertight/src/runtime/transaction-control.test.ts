import { expect, it } from 'vitest'
import { isTransactionControl, runsProcedure } from './transaction-control.js'

it.each([
  'begin',
  'BEGIN;',
  ' \n\tstart transaction read only',
  '-- note\nCommit',
  '/* a /* nested */ comment */end',
  '/**/abort',
  'commit and chain',
  'commit prepared $$x$$',
  'prepare transaction $$x$$',
  'rollback',
  'rollback work',
  'rollback and chain',
  'rollback prepared $$x$$',
  'rollback/**/and chain',
  ';commit',
  ' ; -- note\n ; begin',
  'prepare/* x */transaction $$x$$',
  'prepare--x\ntransaction $$x$$',
])('knows that %j begins or ends a transaction', (text) => {
  expect(isTransactionControl(text)).toBe(true)
})

it.each([
  'select 1',
  'savepoint commit',
  'release savepoint a',
  'rollback to a',
  'ROLLBACK TRANSACTION TO SAVEPOINT a',
  'rollback work to a',
  'prepare p as select 1',
  'beginning',
  'set constraints all immediate',
  'call commit()',
  'create table commit (id int)',
  "select '\nbegin'",
  '-- begin',
  ';select 1',
  ';',
  '/* begin',
  '',
])('lets %j pass', (text) => {
  expect(isTransactionControl(text)).toBe(false)
})

it.each(['call p()', 'DO $$ $$', ';/**/call p()', '-- select\ndo $$ $$', '\tCall p()'])(
  'knows that %j may end its transaction from within',
  (text) => {
    expect(runsProcedure(text)).toBe(true)
  },
)

it.each([
  'select call()',
  'declare c cursor for select 1',
  'delete from t',
  'calls',
  '(select 1)',
  '',
])('knows that %j runs no procedure', (text) => {
  expect(runsProcedure(text)).toBe(false)
})
