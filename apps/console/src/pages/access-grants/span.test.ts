import { expect, it } from 'vitest'
import { spanOf } from './span.js'

it.each([
  [1, '1 min'],
  [15 * 60_000, '15 min'],
  [125 * 60_000, '2 h 5 min'],
  [47 * 3_600_000, '47 h'],
  [47 * 3_600_000 + 1, '47 h 1 min'],
  [50 * 3_600_000, '2 days'],
])('says that %d milliseconds are %s', (milliseconds, text) => {
  expect(spanOf(milliseconds)).toBe(text)
})
