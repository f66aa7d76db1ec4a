import { describe, expect, it } from 'vitest'
import { freshnessOf } from './due.js'

describe('evidence', () => {
  it.each([
    ['2026-01-01T00:00:00Z', '2026-01-31T00:00:00Z', 'fresh, due in 60 days', false],
    ['2026-01-01T00:00:00Z', '2026-03-31T12:00:00Z', 'fresh, due in 1 day', false],
    ['2026-01-01T00:00:00Z', '2026-04-02T00:00:00Z', 'stale, was due 1 day ago', true],
    ['2026-01-01T00:00:00Z', '2026-07-10T00:00:00Z', 'stale, was due 100 days ago', true],
  ])('collected on %s is on %s %s', (collected, now, text, isStale) => {
    const freshness = freshnessOf(collected, 90, Date.parse(now))
    expect(freshness).toMatchObject({ text, isStale })
    expect(freshness.dueAt).toBe('2026-04-01T00:00:00.000Z')
  })

  it('of a control that is looked at each week is stale after a week', () => {
    const now = Date.parse('2026-01-09T00:00:00Z')
    expect(freshnessOf('2026-01-01T00:00:00Z', 7, now)).toMatchObject({ isStale: true })
    expect(freshnessOf('2026-01-01T00:00:00Z', 9, now)).toMatchObject({ isStale: false })
  })
})
