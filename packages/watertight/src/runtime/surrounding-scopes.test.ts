import { describe, expect, it } from 'vitest'
import { runAround, scopeAround } from './surrounding-scopes.js'
import type { TransactionScope } from './transaction-scope.js'

const scope = (name: string): TransactionScope => ({ name }) as unknown as TransactionScope
const [one, other] = [{}, {}]

describe('a call', () => {
  it('is in the innermost scope of each manager by itself, also after waiting', async () => {
    const [outer, inner, theirs] = [scope('outer'), scope('inner'), scope('theirs')]
    expect(scopeAround(one)).toBe(null)
    await runAround(one, outer, () =>
      runAround(other, theirs, async () => {
        expect([scopeAround(one), scopeAround(other)]).toEqual([outer, theirs])
        await runAround(one, inner, async () => {
          await Promise.resolve()
          expect([scopeAround(one), scopeAround(other)]).toEqual([inner, theirs])
          runAround(one, null, () =>
            expect([scopeAround(one), scopeAround(other)]).toEqual([null, theirs]),
          )
        })
        expect(scopeAround(one)).toBe(outer)
      }),
    )
    expect([scopeAround(one), scopeAround(other)]).toEqual([null, null])
  })
})
