import type { TenantContext, Transaction } from 'watertight/runtime'
import { ApiProblem } from './api-problem.js'
import { digestOf } from './canonical-json.js'
import type { KeptAnswer, KeyedRequest } from './idempotency-repository.js'
import { keepAnswer, takeKey } from './idempotency-repository.js'
import type { Route } from './route.js'

/** The parts of a request that say which write it is. */
export interface WriteRequest {
  readonly method: string
  /** Path and query as they were sent. */
  readonly url: string
  readonly body: unknown
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

const keyForm = /^[\x21-\x7e]{1,200}$/

/**
 * The write that the header `Idempotency-Key` makes repeatable; null without the header, and where
 * there is nothing to repeat.
 *
 * @throws {ApiProblem} INVALID_REQUEST for a key that is none.
 */
export function keyedRequestOf(request: WriteRequest, context: TenantContext): KeyedRequest | null {
  const key = request.headers['idempotency-key']
  const { tenantId, userId } = context
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (key === undefined || isRead || tenantId === null || userId === null) return null
  if (typeof key !== 'string' || !keyForm.test(key)) {
    const errors = [
      { pointer: '/headers/idempotency-key', detail: 'must be 1 to 200 visible ASCII characters' },
    ]
    throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
  }
  const path = request.url.split('?', 1)[0] ?? ''
  const hash = digestOf([request.url, request.body ?? null])
  return { tenantId, userId, key, method: request.method, path, hash }
}

/** An answer, and whether it is that of an earlier request. */
export interface KeyedAnswer {
  readonly body: unknown
  readonly isReplayed: boolean
}

/**
 * Does a write once: the key, the write and its answer are one transaction. What fails leaves no key
 * behind and can be repeated.
 *
 * @throws {ApiProblem} IDEMPOTENCY_KEY_REUSED, SECRET_ALREADY_SHOWN, and what `write` throws.
 */
export async function onceFor(
  tx: Transaction,
  route: Pick<Route, 'reply' | 'revealsSecret'>,
  request: KeyedRequest | null,
  write: () => Promise<unknown>,
): Promise<KeyedAnswer> {
  if (request === null) return { body: await write(), isReplayed: false }
  const state = await takeKey(tx, request)
  if (state.kind === 'other') {
    throw new ApiProblem('IDEMPOTENCY_KEY_REUSED', 'the key was used for another request')
  }
  if (state.kind === 'done') return { body: replayed(route, state.answer), isReplayed: true }
  const body = await write()
  // SECURITY: a secret that is shown once is kept nowhere in plain text, also not here.
  const kept = route.revealsSecret === true ? null : (body ?? null)
  await keepAnswer(tx, request, { status: route.reply.status, body: kept })
  return { body, isReplayed: false }
}

function replayed(route: Pick<Route, 'revealsSecret'>, { body }: KeptAnswer): unknown {
  if (route.revealsSecret !== true) return body
  throw new ApiProblem(
    'SECRET_ALREADY_SHOWN',
    'the request was done; its secret is not shown again',
  )
}
