import { describe, expect, it } from 'vitest'
import type { Cell } from './matrix-rows.js'
import { columnKey, toMatrix, worstOf } from './matrix-rows.js'

function cell(change: Partial<Cell>): Cell {
  return {
    id: '00000000-0000-4000-8000-000000000001',
    object: 'app.notes',
    kind: 'table',
    role: 'app',
    mode: 'member',
    command: 'SELECT',
    verdict: 'proven',
    method: 'proof',
    previousVerdict: null,
    probes: 0,
    ...change,
  }
}

describe('the matrix of a run', () => {
  it('keeps tables in the order of the server and puts modes in one order', () => {
    const { modes, rows } = toMatrix([
      cell({ object: 'b', mode: 'worker' }),
      cell({ object: 'a', mode: 'member' }),
      cell({ object: 'b', mode: 'public' }),
      cell({ object: 'b', mode: null }),
    ])
    expect(modes).toEqual(['member', 'public', 'worker', 'no mode'])
    expect(rows.map(({ object }) => object)).toEqual(['b', 'a'])
  })

  it.each([
    [['proven', 'leak', 'unknown'], 'leak'],
    [['proven', 'unknown'], 'unknown'],
    [['not-applicable', 'proven'], 'proven'],
  ] as const)('shows %j of several roles as %s', (verdicts, worst) => {
    const { rows } = toMatrix(verdicts.map((verdict) => cell({ verdict })))
    const key = columnKey({ mode: 'member', command: 'SELECT' })
    expect(worstOf(rows[0]?.cells.get(key) ?? [])?.verdict).toBe(worst)
  })
})
