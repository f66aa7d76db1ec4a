import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { INestApplicationContext } from '@nestjs/common'
import { ClsPluginTransactional, Propagation, TransactionHost } from '@nestjs-cls/transactional'
import { ClsModule } from 'nestjs-cls'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TenancyTransactionalAdapter } from 'watertight/nest'
import { withContext } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import {
  acme,
  bodiesOf,
  globex,
  notes,
  openRuntimeHarness,
} from '../../../../test/runtime-harness.js'

let harness: RuntimeHarness
let tx: TxManager
let nest: INestApplicationContext
let host: TransactionHost<TenancyTransactionalAdapter>

class AppModule {
  readonly name = 'app'
}

beforeAll(async () => {
  harness = await openRuntimeHarness()
  tx = harness.connect().tx
  const plugin = new ClsPluginTransactional({ adapter: new TenancyTransactionalAdapter(tx) })
  Module({ imports: [ClsModule.forRoot({ global: true, plugins: [plugin] })] })(AppModule)
  nest = await NestFactory.createApplicationContext(AppModule, { logger: false })
  host = nest.get<TransactionHost<TenancyTransactionalAdapter>>(TransactionHost)
})
beforeEach(() => harness.reset())
afterAll(async () => {
  await nest.close()
  await harness.close()
})

const insert = (body: string): Promise<unknown> => host.tx.query(notes.insert, [body])

describe('a @Transactional() method', () => {
  it('runs in one transaction under the context of the request', async () => {
    await withContext(acme, () =>
      host.withTransaction(async () => {
        await insert('a3')
        expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3'])
        await insert('a4')
      }),
    )
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3', 'a4'])
    expect(await bodiesOf(tx, globex)).toEqual(['g1'])
  })

  it('rolls back when it throws, and joins the one that called it', async () => {
    const failed = withContext(acme, () =>
      host.withTransaction(async () => {
        await host.withTransaction(() => insert('a3'))
        throw new Error('no')
      }),
    )
    await expect(failed).rejects.toThrow('no')
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
  })

  it('is a savepoint where it is nested', async () => {
    await withContext(acme, () =>
      host.withTransaction(async () => {
        await insert('a3')
        const nested = host.withTransaction(Propagation.Nested, async () => {
          await insert('lost')
          throw new Error('no')
        })
        await expect(nested).rejects.toThrow('no')
        await insert('a4')
      }),
    )
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3', 'a4'])
  })

  it('takes the options of a transaction', async () => {
    const write = withContext(acme, () =>
      host.withTransaction({ readOnly: true }, () => insert('a3')),
    )
    await expect(write).rejects.toMatchObject({ sqlState: '25006' })
  })

  it('keeps tenants apart that call at the same time', async () => {
    const call = (context: typeof acme, body: string): Promise<unknown> =>
      withContext(context, () => host.withTransaction(() => insert(body)))
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? call(acme, 'x') : call(globex, 'y'))),
    )
    expect(new Set(await bodiesOf(tx, acme))).toEqual(new Set(['a1', 'a2', 'x']))
    expect(new Set(await bodiesOf(tx, globex))).toEqual(new Set(['g1', 'y']))
  })

  it('cannot do without the transaction it is in, and says so', async () => {
    for (const propagation of [Propagation.RequiresNew, Propagation.NotSupported]) {
      const inner = withContext(acme, () =>
        host.withTransaction(() => host.withTransaction(propagation, () => insert('a3'))),
      )
      await expect(inner).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    }
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
  })
})

describe('outside of a transaction', () => {
  it('each statement is one of its own, under the context of the request', async () => {
    const { rows } = await withContext(globex, () => host.tx.query(notes.list))
    expect(rows).toMatchObject([{ body: 'g1' }])
  })

  it('and of a request, nothing runs', async () => {
    await expect(host.tx.query(notes.list)).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
    await expect(host.withTransaction(() => insert('x'))).rejects.toMatchObject({
      code: 'CONTEXT_REQUIRED',
    })
  })
})
