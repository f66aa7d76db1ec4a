import { WatertightError } from '../errors/index.js'

/** The errors of an adapter, and of its transactions, keep what the driver had thrown. */
export function keepDriverErrors<Adapter extends { startTransaction: StartTransaction }>(
  adapter: Adapter,
): Adapter {
  keepOn(adapter)
  const startTransaction = adapter.startTransaction.bind(adapter)
  return Object.assign(adapter, {
    async startTransaction(...level: Parameters<typeof startTransaction>) {
      const transaction = await startTransaction(...level)
      keepOn(transaction)
      return transaction
    },
  })
}

type StartTransaction = (level?: never) => Promise<object>

/** `onError` turns what `pg` threw into an error of the adapter, which does not refer to it. */
function keepOn(queryable: object): void {
  const onError = methodOf(queryable, 'onError')
  if (onError === null) return
  Object.assign(queryable, {
    onError(error: unknown) {
      try {
        return onError(error)
      } catch (converted) {
        refer(converted, error)
        throw converted
      }
    },
  })
}

/**
 * Errors of a client's requests keep theirs: what `tx` threw itself stays as it is, and an error of
 * Prisma refers to the driver's, so that `tenancyErrorOf` finds what it stands for.
 */
export function keepRequestErrors(handler: object): void {
  const report = methodOf(handler, 'handleAndLogRequestError')
  if (report === null) return
  Object.assign(handler, {
    handleAndLogRequestError(request: { readonly error?: unknown }) {
      try {
        return report(request)
      } catch (thrown) {
        const { error } = request
        if (error instanceof WatertightError) throw error
        refer(thrown, driverErrorIn(error))
        throw thrown
      }
    },
  })
}

function methodOf(object: object, name: string): ((argument: unknown) => unknown) | null {
  const method: unknown = Reflect.get(object, name)
  return typeof method === 'function'
    ? (argument) => method.call(object, argument) as unknown
    : null
}

/** `meta.driverAdapterError` of an error of the engine is what the adapter threw. */
function driverErrorIn(error: unknown): unknown {
  return ['meta', 'driverAdapterError', 'driverError'].reduce<unknown>(
    (inside, name) =>
      typeof inside === 'object' && inside !== null ? Reflect.get(inside, name) : undefined,
    error,
  )
}

function refer(error: unknown, driverError: unknown): void {
  if (typeof error !== 'object' || error === null) return
  if (driverError === undefined || driverError === error) return
  Object.defineProperty(error, 'driverError', { value: driverError, configurable: true })
}
