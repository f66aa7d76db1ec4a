import { AsyncLocalStorage } from 'node:async_hooks'
import { WatertightError } from '../errors/index.js'
import { currentContext } from '../runtime/index.js'
import type { RunOptions, Statement, Transaction, TxManager } from '../runtime/index.js'
import type { StatementResult } from '../sql/index.js'

/** What `@Transactional<...>()` takes. */
export type TenancyTransactionOptions = RunOptions

/** A transaction, or outside of one a handle whose statements are transactions of their own. */
type Tx = Pick<Transaction, 'query'>

/** The part of a `TxManager` that the adapter uses. */
type Connection = Pick<TxManager, 'query' | 'run'>

type Work = () => Promise<unknown>
type SetTx = (tx?: Tx) => void

interface AdapterOptions {
  wrapWithTransaction(options: RunOptions, fn: Work, setTx: SetTx): Promise<unknown>
  wrapWithNestedTransaction(
    options: RunOptions,
    fn: Work,
    setTx: SetTx,
    outer: Tx,
  ): Promise<unknown>
  getFallbackInstance(): Tx
}

/**
 * Adapter for `@nestjs-cls/transactional`: `@Transactional()` methods run in a transaction under
 * the context of the request. `Propagation.Nested` is a savepoint. `RequiresNew`, and statements
 * under `NotSupported` inside of a transaction, are refused: they would need a second connection
 * while the first is held.
 *
 * @example
 * ```ts
 * ClsModule.forRoot({
 *   global: true,
 *   middleware: { mount: true },
 *   plugins: [new ClsPluginTransactional({ adapter: new TenancyTransactionalAdapter(tx) })],
 * })
 * ```
 */
export class TenancyTransactionalAdapter {
  readonly connection: Connection
  readonly supportsTransactionProxy = true
  readonly #open = new AsyncLocalStorage<true>()

  constructor(tx: Connection) {
    this.connection = tx
  }

  readonly optionsFactory = (tx: Connection): AdapterOptions => ({
    wrapWithTransaction: async (options, fn, setTx) => {
      if (this.#open.getStore() === true) throw unsupported('Propagation.RequiresNew')
      return this.#run(tx, options, fn, setTx)
    },
    wrapWithNestedTransaction: async (_options, fn, setTx, outer) => {
      try {
        return await this.#run(tx, {}, fn, setTx)
      } finally {
        setTx(outer)
      }
    },
    getFallbackInstance: () => ({
      query: async <Row>(
        text: string | Statement,
        values?: readonly unknown[],
      ): Promise<StatementResult<Row>> => {
        if (this.#open.getStore() === true) throw unsupported('Propagation.NotSupported')
        return tx.query<Row>(currentContext(), text, values)
      },
    }),
  })

  #run(tx: Connection, options: RunOptions, fn: Work, setTx: SetTx): Promise<unknown> {
    return tx.run(
      currentContext(),
      (handle) => {
        setTx(handle)
        return this.#open.run(true, fn)
      },
      options,
    )
  }
}

function unsupported(propagation: string): WatertightError {
  return new WatertightError(
    'INVALID_INPUT',
    `${propagation} inside of a transaction is not supported: the work would join it`,
    { hint: 'Start it outside of the transaction, or use Propagation.Nested.' },
  )
}
