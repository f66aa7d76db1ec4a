import { sql as drizzleSql } from 'drizzle-orm'
import { CompiledQuery, Kysely } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withContext } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import { acme, globex, notes, openRuntimeHarness } from '../../../../test/runtime-harness.js'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import { tenantDrizzle } from './drizzle.js'
import { tenancyErrorOf } from './driver-errors.js'
import { tenantKnex } from './knex.js'
import { TenantDialect } from './kysely.js'
import type { OrmConnection } from './orm-scope.js'

/** What is asked of each ORM: the rows of a text, by itself and as the second of a transaction. */
interface Asked {
  rows(text: string): Promise<readonly unknown[]>
  inTransaction(text: string): Promise<readonly unknown[]>
}

const orms: Readonly<Record<string, (tx: OrmConnection) => Asked>> = {
  kysely(tx) {
    const db = new Kysely<object>({ dialect: new TenantDialect(tx) })
    const ask = async (on: Kysely<object>, text: string): Promise<readonly unknown[]> =>
      (await on.executeQuery(CompiledQuery.raw(text))).rows
    return {
      rows: (text) => ask(db, text),
      inTransaction: (text) =>
        db.transaction().execute(async (inside) => {
          await ask(inside, 'select 1')
          return ask(inside, text)
        }),
    }
  },
  drizzle(tx) {
    const db = tenantDrizzle(tx)
    return {
      rows: async (text) => (await db.execute(drizzleSql.raw(text))).rows,
      inTransaction: (text) =>
        db.transaction(async (inside) => {
          await inside.execute('select 1')
          return (await inside.execute(drizzleSql.raw(text))).rows
        }),
    }
  },
  knex(tx) {
    const db = tenantKnex(tx)
    return {
      rows: async (text) => (await db.raw<{ rows: unknown[] }>(text)).rows,
      inTransaction: (text) =>
        db.transaction(async (inside) => {
          await inside.raw('select 1')
          return (await inside.raw<{ rows: unknown[] }>(text)).rows
        }),
    }
  },
}

describe.each(Object.entries(orms))('%s on a handle of one context', (_name, open) => {
  let harness: RuntimeHarness
  let tx: TxManager
  let db: Asked

  beforeAll(async () => {
    harness = await openRuntimeHarness()
    ;({ tx } = harness.connect({}, { max: 3 }))
    await tx.start()
    db = open(tx.as(acme))
  })
  beforeEach(() => harness.reset())
  afterAll(() => harness.close())

  const bodiesOf = (rows: readonly unknown[]): unknown[] =>
    rows.map((row) => (row as { body: unknown }).body)

  it('runs under that context without an ambient one, in one round trip', async () => {
    let rows: readonly unknown[] = []
    const trips = await harness.tripsOf(async () => {
      rows = await db.rows(notes.list)
    })
    expect(bodiesOf(rows)).toEqual(['a1', 'a2'])
    expect(trips).toBe(1)
  })

  it('runs transactions under that context', async () => {
    expect(bodiesOf(await db.inTransaction(notes.list))).toEqual(['a1', 'a2'])
  })

  it('sends nothing where another tenant is the ambient one', async () => {
    const trips = await harness.tripsOf(() =>
      withContext(globex, async () => {
        for (const ask of [db.rows, db.inTransaction]) {
          const error: unknown = await ask(notes.list).catch((thrown: unknown) => thrown)
          expect(tenancyErrorOf(error)?.code).toBe('CONTEXT_MISMATCH')
        }
      }),
    )
    expect(trips).toBe(0)
  })

  it('joins a run of the same context, and sends nothing in one of another', async () => {
    await tx.run(acme, async (outer) => {
      await outer.query("insert into app.notes (body) values ('in the run')")
      expect(bodiesOf(await db.rows(notes.list))).toContain('in the run')
    })
    const refused: unknown = await tx
      .run(globex, () => db.rows(notes.list))
      .catch((thrown: unknown) => thrown)
    expect(tenancyErrorOf(refused)?.code).toBe('CONTEXT_MISMATCH')
  })

  it('is refused in what a run left behind', async () => {
    let late: Promise<unknown> = Promise.resolve()
    let ended = (): void => undefined
    const end = new Promise<void>((resolve) => (ended = resolve))
    await tx.run(acme, () => {
      late = end.then(() => db.rows(notes.list)).catch((thrown: unknown) => thrown)
    })
    ended()
    expect(tenancyErrorOf(await late)?.code).toBe('TX_CLOSED')
  })
})

describe('the log of a Kysely', () => {
  it('shows the statements of its transactions, with their modes and savepoints', async () => {
    const harness = await openRuntimeHarness()
    try {
      const texts: string[] = []
      const db = new Kysely<object>({
        dialect: new TenantDialect(harness.connect().tx.as(acme)),
        log({ query }) {
          texts.push(query.sql)
        },
      })
      const outer = await db.startTransaction().setIsolationLevel('repeatable read').execute()
      const inner = await outer.savepoint('a "b').execute()
      await inner.executeQuery(CompiledQuery.raw('select 1'))
      await inner.rollbackToSavepoint('a "b').execute()
      await outer.commit().execute()
      expect(texts).toEqual([
        'start transaction isolation level repeatable read',
        'savepoint "a ""b"',
        'select 1',
        'rollback to "a ""b"',
        'commit',
      ])
    } finally {
      await harness.close()
    }
  })
})
