import { describe, expect, it } from 'vitest'
import { samplePattern } from './sample-pattern.js'

const picks = { first: () => 0, last: (n: number) => n - 1 }

describe('a sample of a regular expression', () => {
  it.each([
    '^[a-z]{2}(-[A-Z]{2})?$',
    '^wt_[a-z0-9]{8}$',
    '^https://[^/@]+(/|$)',
    '^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$',
    '^\\d{3}-\\d{4}$',
    '^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$',
    '^(?:draft|final)$',
    '^[A-F0-9-]{36}$',
    '^[a-z]+/[a-z0-9.+-]+$',
  ])('is accepted by %s', (pattern) => {
    for (const pick of Object.values(picks)) {
      const sample = samplePattern(pattern, pick)
      expect(sample).not.toBeNull()
      expect(sample ?? '').toMatch(new RegExp(pattern))
    }
  })

  it.each(['(?=a)b', '(a', '\\1', '[a', '*'])('gives up on %s', (pattern) => {
    expect(samplePattern(pattern, picks.first)).toBeNull()
  })
})
