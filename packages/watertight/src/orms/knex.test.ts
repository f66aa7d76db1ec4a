import type { Knex } from 'knex'
import { describe, expect, it } from 'vitest'
import { withContext } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import type { OrmOperations } from '../../../../test/orm-contract.js'
import { describeOrm } from '../../../../test/orm-contract.js'
import { acme, openRuntimeHarness } from '../../../../test/runtime-harness.js'
import type { TenantKnexConfig } from './knex.js'
import { tenantKnex } from './knex.js'

function operationsOf(db: Knex): OrmOperations {
  const products = () => db<{ id: string; title: string }>('shop.products')
  return {
    titles: () => products().orderBy('sku').pluck('title'),
    titleOf: async (id) => (await products().where({ id }).first('title'))?.title ?? null,
    reviewsWithTitles: () =>
      db('shop.reviews as r')
        .join('shop.products as p', 'p.id', 'r.product_id')
        .orderBy('r.body')
        .select('r.body', 'p.title'),
    async countProducts() {
      const row = await products().count({ rows: '*' }).first()
      return Number(row?.['rows'])
    },
    async addProduct(product) {
      const [row] = await db('shop.products').insert(product).returning('tenant_id')
      return row.tenant_id
    },
    addProductOf: async (tenant_id, product) =>
      db('shop.products').insert({ ...product, tenant_id }),
    retitle: async (id, title) => products().where({ id }).update({ title }),
    moveTo: async (id, tenant_id) => db('shop.products').where({ id }).update({ tenant_id }),
    remove: async (id) => products().where({ id }).delete(),
    async raw(text, values) {
      const bindings = values as Knex.RawBinding[]
      return (await db.raw(text.replaceAll(/\$\d+/g, '?'), bindings)).rows
    },
    transaction: (work) => db.transaction((inside) => work(operationsOf(inside))),
  }
}

describeOrm(
  'knex',
  async ({ tx }) => {
    const db = tenantKnex(tx)
    return { operations: operationsOf(db), close: () => db.destroy() }
  },
  { sqlStateOf: (error) => (error as { code?: unknown }).code },
)

describe('a stream of knex', () => {
  it('reads under the context, inside and outside of a transaction', async () => {
    const harness = await openRuntimeHarness()
    try {
      await harness.reset()
      const db = tenantKnex(harness.connect().tx)
      const bodiesOf = async (from: Knex): Promise<string[]> => {
        const bodies: string[] = []
        const stream = from('app.notes').select('body').orderBy('id').stream()
        for await (const row of stream) bodies.push((row as { body: string }).body)
        return bodies
      }
      await withContext(acme, async () => {
        expect(await bodiesOf(db)).toEqual(['a1', 'a2'])
        await db.transaction(async (inside) => {
          expect(await bodiesOf(inside)).toEqual(['a1', 'a2'])
        })
      })
      await expect(bodiesOf(db)).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
    } finally {
      await harness.close()
    }
  })
})

describe('the settings of a tenant knex', () => {
  it.each(['connection', 'pool', 'searchPath'])('hold no %s', (name) => {
    const config: TenantKnexConfig = Object.fromEntries([[name, 'x']])
    expect(() => tenantKnex({} as TxManager, config)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })
})

describe('a tenant knex', () => {
  it('names the connection in its events, and refuses what it builds of no rows', async () => {
    const harness = await openRuntimeHarness()
    try {
      const db = tenantKnex(harness.connect().tx.as(acme))
      const seen: unknown[] = []
      db.on('query', ({ __knexUid: uid }: { __knexUid: unknown }) => seen.push(uid))
      await db.raw('select 1')
      await db.raw('select 2')
      expect(seen).toEqual([expect.any(String), expect.any(String)])
      expect(seen[0]).not.toBe(seen[1])
      await expect(db('app.notes').insert([])).rejects.toThrow('The query is empty')
    } finally {
      await harness.close()
    }
  })
})
