import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import {
  acme,
  bodiesOf,
  globex,
  member,
  notes,
  openRuntimeHarness,
} from '../../../../test/runtime-harness.js'
import { currentContext, withContext } from './ambient-context.js'
import type { Transaction } from './transaction.js'
import type { TxManager } from './tx-manager.js'

let harness: RuntimeHarness
beforeAll(async () => {
  harness = await openRuntimeHarness()
})
beforeEach(() => harness.reset())
afterAll(() => harness.close())

describe('run', () => {
  it('commits what fn did and returns what it returned', async () => {
    const { tx } = harness.connect()
    const result = await tx.run(acme, async (tx) => {
      await tx.query(notes.insert, ['a3'])
      expect(currentContext()).toBe(acme)
      return { count: (await tx.query(notes.list)).rowCount }
    })
    expect(result).toEqual({ count: 3 })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3'])
  })

  it('rolls back when fn throws, with the very error', async () => {
    const { tx, pool } = harness.connect({}, { max: 1 })
    const error = new Error('no')
    const run = tx.run(acme, async (tx) => {
      await tx.query(notes.insert, ['a3'])
      throw error
    })
    await expect(run).rejects.toBe(error)
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
    expect(pool.totalCount).toBe(1)
  })

  it('settles a statement that fn returns un-awaited inside the transaction', async () => {
    const { tx } = harness.connect()
    const { rows } = await tx.run(acme, (tx) => tx.query(notes.insert, ['a3']))
    expect(rows).toEqual([{ tenant_id: 'acme' }])
  })

  it('settles a lazy thenable, as query builders are, inside the transaction', async () => {
    const { tx } = harness.connect()
    const rows = await tx.run(acme, (tx) => ({
      // oxlint-disable-next-line unicorn/no-thenable -- query builders are thenables
      then: (resolve: (rows: unknown) => void, reject: (error: unknown) => void) => {
        tx.query(notes.list).then(({ rows }) => resolve(rows), reject)
      },
    }))
    expect(rows).toHaveLength(2)
  })

  it('awaits forgotten statements before it commits', async () => {
    const { tx } = harness.connect()
    await tx.run(acme, (handle) => {
      void handle.query("insert into app.notes (body) select 'slow' from pg_sleep(0.02)")
      void tx.query(acme, notes.insert, ['joined'])
      void tx.run(acme, (inner) => inner.query(notes.insert, ['nested']))
    })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'slow', 'joined', 'nested'])
  })

  it.each<[string, (handle: Transaction, tx: TxManager) => unknown]>([
    ['statement', (handle) => handle.query('select 1 / 0')],
    ['joined query', (_handle, tx) => tx.query(acme, 'select 1 / 0')],
    ['nested run', (_handle, tx) => tx.run(acme, (inner) => inner.query('select 1 / 0'))],
  ])('fails, with nothing done, when a forgotten %s fails', async (_name, forget) => {
    const { tx } = harness.connect()
    const run = tx.run(acme, async (handle) => {
      await handle.query(notes.insert, ['a3'])
      void forget(handle, tx)
    })
    await expect(run).rejects.toMatchObject({ code: 'STATEMENT_FAILED', sqlState: '22012' })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
  })

  it('does not pretend to have committed when fn swallowed a failure', async () => {
    const { tx, pool } = harness.connect({}, { max: 1 })
    const run = tx.run(acme, async (tx) => {
      await tx.query(notes.insert, ['a3'])
      await tx.query('select 1 / 0').catch(() => undefined)
    })
    await expect(run).rejects.toMatchObject({
      code: 'TX_ABORTED',
      cause: expect.objectContaining({ sqlState: '22012' }),
    })
    const unconvertible = { toPostgres: () => JSON.parse('{') as unknown }
    const unsent = tx.run(acme, async (tx) => {
      await tx.query(notes.insert, ['a3'])
      await tx.query(notes.insert, [unconvertible]).catch(() => undefined)
    })
    await expect(unsent).rejects.toMatchObject({ code: 'TX_ABORTED' })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
    expect(pool.totalCount).toBe(1)
  })

  it('lets fn recover through a savepoint of its own', async () => {
    const { tx } = harness.connect()
    await tx.run(acme, async (tx) => {
      await tx.query(notes.insert, ['a3'])
      await tx.query('savepoint mine')
      await tx.query('select 1 / 0').catch(() => undefined)
      await tx.query('rollback to savepoint mine')
    })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3'])
  })

  it('reports an error that appears only at COMMIT', async () => {
    const { tx } = harness.connect()
    await harness.database.admin.query(
      'create table if not exists app.pairs (id int unique deferrable initially deferred)',
    )
    await harness.database.admin.query(`grant all on app.pairs to ${harness.database.appRole}`)
    const run = tx.run(acme, (tx) => tx.query('insert into app.pairs values (1), (1)'))
    await expect(run).rejects.toMatchObject({
      code: 'STATEMENT_FAILED',
      sqlState: '23505',
      object: 'app.pairs (pairs_id_key)',
    })
  })

  it('closes its handle, and a nested one before the outer', async () => {
    const { tx } = harness.connect()
    const closed = { code: 'TX_CLOSED' }
    let kept: Transaction | undefined
    await tx.run(acme, async (outer) => {
      let inner: Transaction | undefined
      await tx.run(acme, (handle) => {
        inner = handle
      })
      await expect(inner?.query(notes.list)).rejects.toMatchObject(closed)
      kept = outer
    })
    await expect(kept?.query(notes.list)).rejects.toMatchObject(closed)
    const failed = tx.run(acme, (handle) => {
      kept = handle
      throw new Error('no')
    })
    await expect(failed).rejects.toThrow('no')
    await expect(kept?.query(notes.list)).rejects.toMatchObject(closed)
  })

  it('starts anew when asked from what a finished transaction left behind', async () => {
    const { tx } = harness.connect()
    let later: Promise<string[]> | undefined
    const ended = deferred()
    await tx.run(acme, async (handle) => {
      await handle.query(notes.list)
      later = ended.promise.then(() => bodiesOf(tx, globex))
    })
    ended.resolve()
    expect(await later).toEqual(['g1'])
  })

  it('sends nothing that would begin or end a transaction, and keeps its connection', async () => {
    const { tx, pool } = harness.connect({}, { max: 1 })
    await tx.start()
    const refused = { code: 'INVALID_INPUT' }
    const run = tx.run(acme, async (tx) => {
      await tx.query(notes.insert, ['a3'])
      await tx.query('commit')
    })
    await expect(run).rejects.toMatchObject(refused)
    const trips = await harness.tripsOf(async () => {
      await expect(tx.query(acme, '/* x */ begin')).rejects.toMatchObject(refused)
      const batch = tx.batch(acme, [notes.list, 'Rollback', notes.list])
      await expect(batch).rejects.toMatchObject(refused)
    })
    expect([trips, pool.totalCount]).toEqual([0, 1])
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
  })

  it('honours isolation level and read-only', async () => {
    const { tx } = harness.connect()
    const settings =
      "select current_setting('transaction_isolation') as level, current_setting('transaction_read_only') as ro"
    const run = tx.run(acme, (tx) => tx.query(settings), {
      isolationLevel: 'serializable',
      readOnly: true,
    })
    expect((await run).rows).toEqual([{ level: 'serializable', ro: 'on' }])
    await expect(
      tx.run(acme, () => 1, { isolationLevel: 'chaos; drop table x' as never }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})

describe('nested run', () => {
  it('is a savepoint: its failure leaves the outer transaction whole', async () => {
    const { tx } = harness.connect()
    await tx.run(acme, async (outer) => {
      await outer.query(notes.insert, ['a3'])
      await expect(
        tx.run(member('acme'), async (inner) => {
          await inner.query(notes.insert, ['lost'])
          await tx.run(acme, (deepest) => deepest.query(notes.insert, ['lost too']))
          await inner.query('select 1 / 0')
        }),
      ).rejects.toMatchObject({ sqlState: '22012' })
      await tx.run(acme, (inner) => inner.query(notes.insert, ['a4']))
    })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3', 'a4'])
  })

  it('takes what was nested in it along when it fails', async () => {
    const { tx } = harness.connect()
    await tx.run(acme, async (outer) => {
      const inner = tx.run(acme, async (inner) => {
        await inner.query(notes.insert, ['lost'])
        await tx.run(acme, (deepest) => deepest.query(notes.insert, ['lost too']))
        throw new Error('no')
      })
      await expect(inner).rejects.toThrow('no')
      await outer.query(notes.insert, ['a3'])
    })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3'])
  })

  it('fails when it swallowed a failure, and only it', async () => {
    const { tx } = harness.connect()
    await tx.run(acme, async (outer) => {
      const inner = tx.run(acme, async (inner) => {
        await inner.query(notes.insert, ['lost'])
        await inner.query('select 1 / 0').catch(() => undefined)
      })
      await expect(inner).rejects.toMatchObject({ code: 'TX_ABORTED' })
      await outer.query(notes.insert, ['a3'])
    })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3'])
  })

  it('takes turns with its siblings', async () => {
    const { tx } = harness.connect()
    await tx.run(acme, async () => {
      const good = (body: string): Promise<unknown> =>
        tx.run(acme, async (inner) => {
          await inner.query(notes.insert, [body])
          await inner.query('select pg_sleep(0.002)')
          await inner.query(notes.insert, [body])
        })
      const bad = tx.run(acme, async (inner) => {
        await inner.query(notes.insert, ['lost'])
        throw new Error('no')
      })
      const outcomes = await Promise.allSettled([good('x'), bad, good('y')])
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'x', 'x', 'y', 'y'])
  })

  it('undoes nothing but its own when others run beside it', async () => {
    const { tx } = harness.connect()
    await tx.run(acme, async (outer) => {
      const before = outer.query(notes.insert, ['before'])
      const bad = tx.run(acme, async (inner) => {
        await inner.query(notes.insert, ['lost'])
        await outer.query(notes.insert, ['lost, by the outer handle'])
        throw new Error('no')
      })
      const beside = outer.query(notes.insert, ['beside'])
      const outcomes = await Promise.allSettled([before, bad, beside])
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'before', 'beside'])
  })

  it('holds back what is asked for beside it until it has ended', async () => {
    const { tx } = harness.connect()
    await tx.run(acme, async (outer) => {
      const begun = deferred()
      const bad = tx.run(acme, async (inner) => {
        await inner.query(notes.insert, ['lost'])
        begun.resolve()
        await inner.query('select pg_sleep(0.02)')
        throw new Error('no')
      })
      await begun.promise
      // The savepoint is set: sent now, this would be undone with what it does not belong to.
      const beside = outer.query(notes.insert, ['beside'])
      const outcomes = await Promise.allSettled([bad, beside])
      expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'beside'])
  })

  it('leaves what it left running to the run around it', async () => {
    const { tx } = harness.connect()
    const run = tx.run(acme, async () => {
      const left: { done?: Promise<unknown> } = {}
      await tx.run(acme, () => {
        const later = async (): Promise<unknown> => {
          await new Promise((resolve) => setTimeout(resolve, 1))
          return tx.query(acme, notes.insert, ['later'])
        }
        left.done = later()
      })
      await left.done
      throw new Error('no')
    })
    await expect(run).rejects.toThrow('no')
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
  })

  it('refuses another context, whatever the way it comes in', async () => {
    const { tx } = harness.connect()
    const mismatch = { code: 'CONTEXT_MISMATCH' }
    await tx.run(acme, async (outer) => {
      await expect(tx.run(globex, () => 1)).rejects.toMatchObject(mismatch)
      await expect(tx.query(globex, notes.list)).rejects.toMatchObject(mismatch)
      const ambient = withContext(globex, () => tx.query(currentContext(), notes.list))
      await expect(ambient).rejects.toMatchObject(mismatch)
      expect((await outer.query(notes.list)).rows).toHaveLength(2)
    })
  })

  it('refuses options of its own', async () => {
    const { tx } = harness.connect()
    await tx.run(acme, async () => {
      const inner = tx.run(acme, () => 1, { readOnly: true })
      await expect(inner).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    })
  })
})

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((settle) => (resolve = settle))
  return { promise, resolve }
}
