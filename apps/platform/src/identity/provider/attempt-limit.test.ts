import { describe, expect, it } from 'vitest'
import { attemptLimit } from './attempt-limit.js'

describe('a bounded number of attempts', () => {
  it('lets a key fail so often, has it wait for the rest of the time, and forgets then', () => {
    let now = 1_000_000
    const limit = attemptLimit({ failures: 3, window: 60_000 }, () => now)
    for (let count = 0; count < 3; count += 1) {
      expect(limit.waitOf('ada')).toBeNull()
      limit.fail('ada')
    }
    expect(limit.waitOf('ada')).toBe(60)
    expect(limit.waitOf('milan')).toBeNull()
    now += 59_500
    expect(limit.waitOf('ada')).toBe(1)
    // What fails while it waits makes the wait no longer.
    limit.fail('ada')
    now += 500
    expect(limit.waitOf('ada')).toBeNull()
    limit.fail('ada')
    expect(limit.waitOf('ada')).toBeNull()
  })

  it('forgets at once who is cleared', () => {
    const limit = attemptLimit({ failures: 1, window: 60_000 }, () => 0)
    limit.fail('ada')
    expect(limit.waitOf('ada')).toBe(60)
    limit.clear('ada')
    expect(limit.waitOf('ada')).toBeNull()
  })

  it('keeps a bounded number of keys, whoever makes them up', () => {
    const limit = attemptLimit({ failures: 1, window: 60_000 }, () => 0)
    for (let key = 0; key < 20_001; key += 1) limit.fail(String(key))
    expect(limit.waitOf('0')).toBeNull()
    expect(limit.waitOf('20000')).toBe(60)
  })
})
