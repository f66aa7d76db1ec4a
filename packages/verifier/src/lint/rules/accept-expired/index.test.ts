import { describe, expect, it } from 'vitest'
import { defineTenancy } from 'watertight/model'
import { makeFinding } from '../../../findings/index.js'
import { emptyCatalog } from '../../../../test/empty-catalog.js'
import { lintInput } from '../../lint-input.js'
import { acceptExpired } from './index.js'

const finding = makeFinding({ rule: 'r', severity: 'error', object: 'public.t', message: 'm' })
const until = (date: string) =>
  lintInput(
    defineTenancy({
      schemas: ['public'],
      accept: [{ key: finding.key, reason: 'known', until: date }],
    }),
    emptyCatalog,
    new Date('2026-06-15T12:00:00Z'),
  )

describe('rule accept-expired', () => {
  it('reports a suppression whose date is over', () => {
    const [found] = acceptExpired.review(until('2026-06-14'), [finding])
    expect(found).toMatchObject({
      rule: 'accept-expired',
      severity: 'warning',
      object: finding.key,
    })
  })

  it('says nothing on the last day, or when the finding is gone', () => {
    expect(acceptExpired.review(until('2026-06-15'), [finding])).toEqual([])
    expect(acceptExpired.review(until('2026-06-14'), [])).toEqual([])
  })
})
