import { describe, expect, it } from 'vitest'
import { WatertightError } from './index.js'

describe('an error', () => {
  it('carries its code and machine-readable details', () => {
    const cause = new Error('connection reset')
    const error = new WatertightError('STATEMENT_FAILED', 'app.orders: the server refused it', {
      object: 'app.orders',
      hint: 'look at the server log',
      sqlState: '42501',
      cause,
    })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'WatertightError',
      code: 'STATEMENT_FAILED',
      message: 'app.orders: the server refused it',
      object: 'app.orders',
      hint: 'look at the server log',
      problems: [],
      sqlState: '42501',
      cause,
    })
  })

  it('has no cause unless there is one', () => {
    expect('cause' in new WatertightError('USAGE', 'no such verb')).toBe(false)
  })

  it('keeps its problems whatever becomes of the list it was given', () => {
    const problems = [{ path: 'schemas', message: 'is required' }]
    const error = new WatertightError('INVALID_MODEL', 'a problem', { problems })
    problems.length = 0
    expect(error.problems).toEqual([{ path: 'schemas', message: 'is required' }])
    expect(Object.isFrozen(error.problems)).toBe(true)
  })
})
