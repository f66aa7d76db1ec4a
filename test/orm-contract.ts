import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TenancyModel } from 'watertight/model'
import { pgDriver } from 'watertight/pg'
import { createTxManager, parseTenantContext, withContext } from 'watertight/runtime'
import type { Driver, TenantContext, TxManager } from 'watertight/runtime'
import { tenancyErrorOf } from '../packages/watertight/src/orms/driver-errors.js'
import type { AttackedShop } from './attacked-shop.js'
import { claimsOf, ids, keys, openAttackedShop } from './attacked-shop.js'
import type { CountingProxy } from './counting-proxy.js'
import { startCountingProxy } from './counting-proxy.js'

/** What an ORM does with the shop, by its own means; under whatever context is ambient. */
export interface OrmOperations {
  /** `title` of all `shop.products`, ordered by `sku`. */
  titles(): Promise<string[]>
  /** `title` of one product, null when there is none. */
  titleOf(id: string): Promise<string | null>
  /** `body` of `shop.reviews` joined with the `title` of their product (`product_id`), by body. */
  reviewsWithTitles(): Promise<readonly { readonly body: string; readonly title: string }[]>
  countProducts(): Promise<number>
  /** Inserts without a tenant; returns the tenant that the row got. */
  addProduct(product: NewProduct): Promise<string>
  /** Inserts with a tenant, which may not be the context's. */
  addProductOf(tenantId: string, product: NewProduct): Promise<unknown>
  /** Returns the number of rows that changed. */
  retitle(id: string, title: string): Promise<number>
  /** Sets `tenant_id` of a product. */
  moveTo(id: string, tenantId: string): Promise<unknown>
  /** Returns the number of rows that went. */
  remove(id: string): Promise<number>
  /** A statement with `$1` … as the ORM's raw SQL. */
  raw(text: string, values: readonly unknown[]): Promise<readonly unknown[]>
  /** Commits when `work` returns and rolls back when it throws; nests when the ORM can. */
  transaction<Result>(work: (operations: OrmOperations) => Promise<Result>): Promise<Result>
}

export interface NewProduct {
  readonly id: string
  readonly sku: string
  readonly title: string
}

/** What an ORM is opened on. */
export interface OrmSetting {
  readonly tx: TxManager
  readonly model: TenancyModel
  /** Of the app role; for what an ORM asks while it starts. */
  readonly driver: Driver
}

export interface OpenOrm {
  readonly operations: OrmOperations
  close(): Promise<void>
}

export interface OrmTraits {
  /** False for an ORM without savepoints. */
  readonly nests?: boolean
  /** Round trips of `titles()`; 1 unless the ORM itself wraps it in more. */
  readonly readTrips?: number
  /** Reads the SQLSTATE of what the ORM threw. */
  sqlStateOf(error: unknown): unknown
}

const maxConnections = 4

/** What every ORM must hold to, on a shop under the generated isolation layer. */
export function describeOrm(
  name: string,
  open: (setting: OrmSetting) => Promise<OpenOrm>,
  traits: OrmTraits,
): void {
  describe(`${name} under tenancy`, () => {
    let shop: AttackedShop
    let proxy: CountingProxy
    let pool: pg.Pool
    let tx: TxManager
    let orm: OpenOrm
    let operations: OrmOperations

    beforeAll(async () => {
      shop = await openAttackedShop(18)
      proxy = await startCountingProxy(shop.url)
      pool = new pg.Pool({
        connectionString: proxy.through(shop.urlFor(shop.roleOf('app'))),
        max: maxConnections,
      })
      const driver = pgDriver(pool)
      const signingKey = { kid: keys.current.kid, secret: keys.current.secret }
      tx = createTxManager({ pools: { app: driver }, signingKey })
      await tx.start()
      orm = await open({ tx, model: shop.model, driver })
      ;({ operations } = orm)
    })
    beforeEach(async () => {
      await shop.admin.query("delete from shop.products where sku not in ('a1', 'a2', 'g1', 'g2')")
    })
    afterAll(async () => {
      await orm.close()
      await pool.end()
      await proxy.close()
      await shop.drop()
    })

    const ann = memberOf('acme')
    const gil = memberOf('globex')
    const owners = async (sku: string): Promise<string[]> => {
      const { rows } = await shop.admin.query<{ tenant_id: string }>(
        'select tenant_id from shop.products where sku = $1',
        [sku],
      )
      return rows.map((row) => row.tenant_id)
    }
    const tripsOf = async (action: () => Promise<unknown>): Promise<number> => {
      proxy.reset()
      await action()
      return proxy.roundTrips
    }
    const denial = (failed: Promise<unknown>): Promise<void> =>
      expect(failed.catch(tenancyErrorOf)).resolves.toMatchObject({ code: 'ACCESS_DENIED' })

    it('shows a tenant its own rows: list, by id, join, count', async () => {
      await withContext(ann, async () => {
        expect(await operations.titles()).toEqual(['anvil', 'rocket'])
        expect(await operations.titleOf(ids.acme)).toBe('anvil')
        expect(await operations.reviewsWithTitles()).toEqual([
          { body: 'anvil', title: 'anvil' },
          { body: 'rocket', title: 'rocket' },
        ])
        expect(await operations.countProducts()).toBe(2)
      })
      await withContext(gil, async () => {
        expect(await operations.titles()).toEqual(['ray', 'moon'])
        expect(await operations.countProducts()).toBe(2)
      })
    })

    it('would show all rows to the same operations were the isolation layer off', async () => {
      const alter = (action: string): Promise<unknown> =>
        shop.admin.query(`alter table shop.products ${action} row level security`)
      await alter('disable')
      try {
        const { rowCount } = await withContext(ann, () =>
          tx.query(ann, 'select from shop.products'),
        )
        expect(rowCount).toBe(4)
      } finally {
        await alter('enable')
      }
    })

    it('finds no row by the id of another tenant, to read, change or delete', async () => {
      await withContext(ann, async () => {
        expect(await operations.titleOf(ids.globex)).toBeNull()
        expect(await operations.retitle(ids.globex, 'stolen')).toBe(0)
        expect(await operations.remove(ids.globex)).toBe(0)
      })
      await withContext(gil, async () => {
        expect(await operations.titleOf(ids.globex)).toBe('ray')
      })
    })

    it('gives a new row the tenant of the context', async () => {
      const product = newProduct()
      expect(await withContext(ann, () => operations.addProduct(product))).toBe(ids.acme)
      await withContext(ann, async () => {
        expect(await operations.retitle(product.id, 'renamed')).toBe(1)
        expect(await operations.titleOf(product.id)).toBe('renamed')
        expect(await operations.remove(product.id)).toBe(1)
      })
      expect(await owners(product.sku)).toEqual([])
    })

    it('refuses to write a row of another tenant, and to move one there', async () => {
      const product = newProduct()
      await withContext(ann, async () => {
        await denial(operations.addProductOf(ids.globex, product))
        await denial(operations.moveTo(ids.acme, ids.globex))
      })
      expect(await owners(product.sku)).toEqual([])
      expect(await owners('a1')).toEqual([ids.acme])
    })

    it('scopes raw SQL, and refuses session state and transaction control in it', async () => {
      await withContext(ann, async () => {
        const text = 'select title from shop.products where title <> $1 order by sku'
        expect(await operations.raw(text, ['rocket'])).toEqual([{ title: 'anvil' }])
        for (const refused of [
          "set watertight.context = 'v1.forged'",
          "select set_config('watertight.context', 'v1.forged', false)",
          'reset all',
          'commit and chain',
          'listen secrets',
        ]) {
          const failed = operations.raw(refused, [])
          await expect(failed.catch(tenancyErrorOf)).resolves.toMatchObject({
            code: 'STATEMENT_REFUSED',
          })
        }
        expect(await operations.titles()).toEqual(['anvil', 'rocket'])
      })
    })

    it('commits a transaction as a whole', async () => {
      const [first, second] = [newProduct(), newProduct()]
      await withContext(ann, () =>
        operations.transaction(async (inside) => {
          await inside.addProduct(first)
          await inside.addProduct(second)
          expect(await owners(first.sku)).toEqual([])
        }),
      )
      expect([await owners(first.sku), await owners(second.sku)]).toEqual([[ids.acme], [ids.acme]])
    })

    it('rolls a transaction back as a whole, and works on afterwards', async () => {
      const product = newProduct()
      await withContext(ann, async () => {
        const failed = operations.transaction(async (inside) => {
          await inside.addProduct(product)
          await inside.addProductOf(ids.globex, newProduct())
        })
        await denial(failed)
        expect(await operations.titles()).toEqual(['anvil', 'rocket'])
        await expect(
          operations.transaction(async (inside) => {
            await inside.addProduct(product)
            throw new Error('changed my mind')
          }),
        ).rejects.toThrow('changed my mind')
        expect(await operations.countProducts()).toBe(2)
      })
      expect(await owners(product.sku)).toEqual([])
    })

    it.skipIf(traits.nests === false)('undoes a nested transaction alone', async () => {
      const [outer, inner] = [newProduct(), newProduct()]
      await withContext(ann, () =>
        operations.transaction(async (inside) => {
          await inside.addProduct(outer)
          const failed = inside.transaction(async (deeper) => {
            await deeper.addProduct(inner)
            await deeper.addProduct(inner)
          })
          await expect(failed.catch(traits.sqlStateOf)).resolves.toBe('23505')
          expect(await inside.countProducts()).toBe(3)
        }),
      )
      expect([await owners(outer.sku), await owners(inner.sku)]).toEqual([[ids.acme], []])
    })

    it('joins the transaction of tx.run, whose rollback undoes it', async () => {
      const [kept, undone] = [newProduct(), newProduct()]
      await tx.run(ann, async () => {
        await operations.addProduct(kept)
        await operations.transaction((inside) => inside.retitle(kept.id, 'twice'))
        expect(await operations.titleOf(kept.id)).toBe('twice')
        expect(await owners(kept.sku)).toEqual([])
      })
      expect(await owners(kept.sku)).toEqual([ids.acme])
      const failed = tx.run(ann, async () => {
        await operations.transaction((inside) => inside.addProduct(undone))
        throw new Error('undo')
      })
      await expect(failed).rejects.toThrow('undo')
      expect(await owners(undone.sku)).toEqual([])
    })

    it('keeps the codes of the server where its users look for them', async () => {
      await withContext(ann, async () => {
        const product = newProduct()
        await operations.addProduct(product)
        const error = await operations.addProduct(product).catch((thrown: unknown) => thrown)
        expect(traits.sqlStateOf(error)).toBe('23505')
        expect(tenancyErrorOf(error)).toMatchObject({ code: 'STATEMENT_FAILED', sqlState: '23505' })
        expect(await operations.titleOf(product.id)).toBe(product.title)
      })
    })

    it('sends nothing without a context', async () => {
      const attempts = [
        () => operations.titles(),
        () => operations.raw('select 1', []),
        () => operations.addProduct(newProduct()),
        () => operations.transaction((inside) => inside.titles()),
      ]
      const trips = await tripsOf(async () => {
        for (const attempt of attempts) {
          await expect(attempt().catch(tenancyErrorOf)).resolves.toMatchObject({
            code: 'CONTEXT_REQUIRED',
          })
        }
      })
      expect(trips).toBe(0)
    })

    it('refuses a transaction of one tenant under the context of another', async () => {
      await withContext(ann, () =>
        operations.transaction(async (inside) => {
          const failed = withContext(gil, () => inside.titles())
          await expect(failed.catch(tenancyErrorOf)).resolves.toMatchObject({
            code: 'CONTEXT_MISMATCH',
          })
          expect(await inside.titles()).toEqual(['anvil', 'rocket'])
        }),
      )
    })

    it('keeps 50 requests of two tenants apart on few connections', async () => {
      const originals = new Set(['anvil', 'rocket', 'ray', 'moon'])
      const requests = Array.from({ length: 50 }, async (_, index) => {
        const [context, titles, tenant] =
          index % 2 === 0
            ? ([ann, ['anvil', 'rocket'], ids.acme] as const)
            : ([gil, ['ray', 'moon'], ids.globex] as const)
        await withContext(context, async () => {
          // Those that other requests of the tenant add and remove meanwhile may show as well.
          const seen = await operations.titles()
          expect(seen.filter((title) => originals.has(title))).toEqual(titles)
          if (index % 5 > 0) return
          const product = newProduct()
          const owner = await operations.transaction(async (inside) => {
            await inside.countProducts()
            return inside.addProduct(product)
          })
          expect(owner).toBe(tenant)
          expect(await operations.remove(product.id)).toBe(1)
        })
      })
      await Promise.all(requests)
      expect(pool.totalCount).toBeLessThanOrEqual(maxConnections)
      await expect.poll(() => pool.idleCount).toBe(pool.totalCount)
    })

    it('runs a statement that nobody awaits inside its scope, or not at all', async () => {
      const product = newProduct()
      const late: Promise<unknown>[] = []
      const failed = tx.run(ann, async () => {
        await operations.titles()
        late.push(operations.addProduct(product).catch((error: unknown) => error))
        throw new Error('undo')
      })
      await expect(failed).rejects.toThrow('undo')
      await Promise.all(late)
      expect(await owners(product.sku)).toEqual([])
    })

    it('costs the round trips that it must', async () => {
      const trips = await withContext(ann, async () => ({
        read: await tripsOf(() => operations.titles()),
        write: await tripsOf(() => operations.retitle(ids.acme, 'anvil')),
        transactionOfTwo: await tripsOf(() =>
          operations.transaction(async (inside) => {
            await inside.titles()
            await inside.retitle(ids.acme, 'anvil')
          }),
        ),
      }))
      process.stdout.write(`round trips of ${name}: ${JSON.stringify(trips)}\n`)
      expect(trips.read).toBe(traits.readTrips ?? 1)
    })
  })
}

function memberOf(tenant: 'acme' | 'globex'): TenantContext {
  const { t, u, e } = claimsOf('app', tenant)
  return parseTenantContext({
    mode: 'member',
    tenantId: String(t),
    userId: String(u),
    orgScope: 'all',
    expiresAt: Number(e),
  })
}

function newProduct(): NewProduct {
  const id = randomUUID()
  return { id, sku: id, title: `new ${id}` }
}
