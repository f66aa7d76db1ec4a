import { AsyncResource } from 'node:async_hooks'
import { WatertightError } from '../errors/index.js'
import { ambientScope } from '../runtime/ambient-context.js'
import { keepRequestErrors } from './prisma-errors.js'

/** How Prisma's client collects the requests of one tick. */
interface BatchLoading {
  /** Requests of a tick with the same key go to the engine together. */
  batchBy(request: object): string | undefined
  singleLoader(request: object): Promise<unknown>
  batchLoader(requests: readonly object[]): Promise<unknown>
}

/**
 * Makes each request of a Prisma client run where it was made.
 *
 * SECURITY: the client collects `findUnique` and `$transaction([...])` of ALL callers for a tick and
 * sends them from the asynchronous context of the first of them. Without this, the requests of one
 * tenant would run, merged or one by one, under the ambient context of another.
 *
 * @throws INVALID_INPUT for a client whose batching cannot be guarded.
 */
export function guardRequests(client: object): void {
  const { handler, loading } = partsOf(client)
  keepRequestErrors(handler)
  const { batchBy, singleLoader, batchLoader } = loading
  const origins = new WeakMap<object, AsyncResource>()
  const at = <Result>(
    request: object | undefined,
    load: () => Promise<Result>,
  ): Promise<Result> => {
    const origin = request === undefined ? undefined : origins.get(request)
    if (origin === undefined) throw new TypeError('a request that was not seen being made')
    return origin.runInAsyncScope(load)
  }
  Object.assign(loading, {
    batchBy(request: object) {
      origins.set(request, new AsyncResource('watertight.prisma-request'))
      const key = batchBy.call(loading, request)
      return key === undefined ? undefined : `${originKey()}:${key}`
    },
    singleLoader: (request: object) => at(request, () => singleLoader.call(loading, request)),
    batchLoader: (requests: readonly object[]) =>
      at(requests[0], () => batchLoader.call(loading, requests)),
  } satisfies BatchLoading)
}

/** Finds the parts of a client that this adapter depends on. */
function partsOf(client: object): { readonly handler: object; readonly loading: BatchLoading } {
  const handler: unknown = Reflect.get(client, '_requestHandler')
  const loader: unknown = isObject(handler) ? Reflect.get(handler, 'dataloader') : undefined
  const loading: unknown = isObject(loader) ? Reflect.get(loader, 'options') : undefined
  if (isObject(handler) && isBatchLoading(loading)) return { handler, loading }
  throw new WatertightError(
    'INVALID_INPUT',
    'this is no Prisma client of a version whose batching is known; expected Prisma 7',
    { object: 'prismaTenancy(tx, create)', hint: 'Return new PrismaClient({ adapter }).' },
  )
}

const loaders = ['batchBy', 'singleLoader', 'batchLoader'] as const

function isBatchLoading(loading: unknown): loading is BatchLoading {
  return (
    isObject(loading) && loaders.every((name) => typeof Reflect.get(loading, name) === 'function')
  )
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

const keys = new WeakMap<object, number>()
let lastKey = 0

/** Tells requests apart that must not be merged: those of different contexts or transactions. */
function originKey(): number {
  const scope = ambientScope()
  const known = keys.get(scope)
  if (known !== undefined) return known
  lastKey += 1
  keys.set(scope, lastKey)
  return lastKey
}
