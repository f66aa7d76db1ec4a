import { describe, expect, it } from 'vitest'
import { defineTenancy } from 'watertight/model'
import { makeFinding } from '../../../findings/index.js'
import { emptyCatalog } from '../../../../test/empty-catalog.js'
import { lintInput } from '../../lint-input.js'
import { acceptUnused } from './index.js'

const finding = makeFinding({ rule: 'r', severity: 'error', object: 'public.t', message: 'm' })
const input = lintInput(
  defineTenancy({
    schemas: ['public'],
    accept: [{ key: finding.key, reason: 'known', until: '2026-06-14' }],
  }),
  emptyCatalog,
  new Date('2026-06-01T12:00:00Z'),
)

describe('rule accept-unused', () => {
  it('reports a suppression that matches nothing', () => {
    const [found] = acceptUnused.review(input, [])
    expect(found).toMatchObject({ rule: 'accept-unused', severity: 'warning', object: finding.key })
  })

  it('says nothing while the finding occurs', () => {
    expect(acceptUnused.review(input, [finding])).toEqual([])
  })
})
