import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { acme, globex, notes, openRuntimeHarness } from '../../../../test/runtime-harness.js'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import { currentContext, withContext } from './ambient-context.js'
import type { TenantContext } from './tenant-context.js'
import type { TxManager } from './tx-manager.js'

describe('the ambient context', () => {
  let harness: RuntimeHarness
  let tx: TxManager

  beforeAll(async () => {
    harness = await openRuntimeHarness()
    ;({ tx } = harness.connect())
  })
  beforeEach(() => harness.reset())
  afterAll(() => harness.close())

  it('is that of the innermost scope, and of none outside', () => {
    expect(() => currentContext()).toThrow('no tenant context')
    withContext(acme, () => {
      withContext(globex, () => expect(currentContext()).toBe(globex))
      expect(currentContext()).toBe(acme)
    })
    expect(() => currentContext()).toThrow('no tenant context')
  })

  it('ends with the run that gave it, for what was left running there', async () => {
    const gate = waiting()
    const left: Promise<unknown>[] = []
    const failed = tx.run(acme, () => {
      const late = async (): Promise<unknown> => {
        await gate.promise
        return tx.query(currentContext(), notes.insert, ['late'])
      }
      left.push(late().catch((error: unknown) => error))
      throw new Error('undo')
    })
    await expect(failed).rejects.toThrow('undo')
    gate.resolve(undefined)
    expect(await left[0]).toMatchObject({ code: 'TX_CLOSED' })
  })

  it('lets what outlives a run start in a scope of its own', async () => {
    const seen = await tx.run(acme, () => {
      const later = new Promise<void>((resolve) => void setTimeout(resolve, 20))
      return { later: withContext(acme, () => later.then(() => currentContext())) }
    })
    expect(await seen.later).toBe(acme)
  })

  it('runs a lazy thenable before the scope is left', async () => {
    const then = (resolve: (context: TenantContext) => void): void => resolve(currentContext())
    const builder = Object.fromEntries(
      ['then'].map((name) => [name, then]),
    ) as unknown as Promise<TenantContext>
    expect(await withContext(acme, () => builder)).toBe(acme)
    const elsewhere = withContext(acme, () => builder)
    await withContext(globex, async () => expect(await elsewhere).toBe(acme))
  })
})

function waiting(): { promise: Promise<unknown>; resolve: (value: unknown) => void } {
  let resolve: (value: unknown) => void = () => undefined
  const promise = new Promise<unknown>((settle) => (resolve = settle))
  return { promise, resolve }
}
