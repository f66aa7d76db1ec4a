import { describe, expect, it } from 'vitest'
import type { ExplainedTable } from './explain-question.js'
import { questionOf } from './explain-question.js'

function table(...keys: string[]): ExplainedTable {
  const columns = [...keys, 'title'].map((name) => ({
    name,
    type: 'uuid',
    isKey: keys.includes(name),
    isReadable: true,
  }))
  return { name: 'app.notes', scope: 'tenant', appendOnly: false, columns }
}

describe('the question of an address', () => {
  it('takes the id of a link as the key of one column', () => {
    expect(questionOf({ id: 'n1' }, table('id'))).toEqual({
      table: 'app.notes',
      key: ['n1'],
      command: 'SELECT',
      as: 'own',
    })
  })

  it('names each column of a key that has several', () => {
    const values = { 'key.tenant_id': 't', 'key.no': '7', command: 'UPDATE', as: 'none' }
    expect(questionOf(values, table('tenant_id', 'no'))).toEqual({
      table: 'app.notes',
      key: ['t', '7'],
      command: 'UPDATE',
      as: 'none',
    })
  })

  it('asks for another member in one of their units', () => {
    const question = questionOf({ id: 'n1', as: 'u1', unit: 'o1' }, table('id'))
    expect(question).toMatchObject({ as: 'member', userId: 'u1', orgUnitId: 'o1' })
  })

  it.each([
    ['no table', { id: 'n1' }, undefined],
    ['no key', {}, table('id')],
    ['half a key', { 'key.a': '1' }, table('a', 'b')],
  ])('is not whole with %s', (_what, values, asked) => {
    expect(questionOf(values, asked)).toBeNull()
  })
})
