import type { Identity } from 'watertight/http'
import type { TenantContext, Transaction } from 'watertight/runtime'
import { callerOf } from '../identity/caller-claims.js'
import { ApiProblem } from './api-problem.js'
import { digestOf } from './canonical-json.js'
import type { KeptAnswer, KeyedRequest, KeyState } from './idempotency-repository.js'
import { dropKey, findKey, keepAnswer, takeKey } from './idempotency-repository.js'
import type { Access, Route } from './route.js'
import { TenantStep } from './tenant-step.js'

/** The parts of a request that say which write it is. */
export interface WriteRequest {
  readonly method: string
  /** Path and query as they were sent. */
  readonly url: string
  readonly body: unknown
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

const keyForm = /^[\x21-\x7e]{1,200}$/

/** Who sends a write. */
export interface Sender {
  readonly context: TenantContext
  /** Null on public routes. */
  readonly identity: Identity | null
}

/**
 * The write that the header `Idempotency-Key` makes repeatable; null without the header, and where
 * there is nothing to repeat. Outside of any tenant the key is the user's; at routes for newcomers
 * that of who their issuer says they are, so that it is the same one once they have an account; and at
 * public routes everybody's, bound to what was asked alone.
 *
 * @throws {ApiProblem} INVALID_REQUEST for a key that is none.
 */
export function keyedRequestOf(
  request: WriteRequest,
  { access }: Pick<Route, 'access'>,
  { context, identity }: Sender,
): KeyedRequest | null {
  const key = request.headers['idempotency-key']
  const { tenantId, userId } = context
  if (key === undefined || request.method === 'GET' || request.method === 'HEAD') return null
  const visitor = visitorOf(access, identity)
  if (userId === null && (visitor === null || tenantId !== null)) return null
  if (typeof key !== 'string' || !keyForm.test(key)) {
    const errors = [
      { pointer: '/headers/idempotency-key', detail: 'must be 1 to 200 visible ASCII characters' },
    ]
    throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
  }
  const path = request.url.split('?', 1)[0] ?? ''
  const hash = digestOf([request.url, request.body ?? null])
  const asked = { key, method: request.method, path, hash }
  if (tenantId !== null && userId !== null) return { tenantId, userId, ...asked }
  return { visitor, ...asked }
}

function visitorOf(access: Access, identity: Identity | null): string | null {
  if (access.kind === 'public') return 'anyone'
  if (access.kind !== 'user' || access.newcomers !== true || identity === null) return null
  const { vouched } = callerOf(identity)
  if (vouched === null) return null
  return `newcomer:${digestOf([vouched.issuer, vouched.subject]).toString('hex')}`
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
  const known = answerOf(route, await takeKey(tx, request))
  if (known !== null) return known
  const body = await write()
  if (body instanceof TenantStep) {
    // The step takes the key in the transaction that it is done in.
    await dropKey(tx, request)
    return { body, isReplayed: false }
  }
  // SECURITY: a secret that is shown once is kept nowhere in plain text, also not here.
  const kept = route.revealsSecret === true ? null : (body ?? null)
  await keepAnswer(tx, request, { status: route.reply.status, body: kept })
  return { body, isReplayed: false }
}

/**
 * The answer to a write that was done, found where nothing can be written; null for one that was not.
 *
 * @throws {ApiProblem} as {@link onceFor}.
 */
export async function answeredBefore(
  tx: Transaction,
  route: Pick<Route, 'revealsSecret'>,
  request: KeyedRequest | null,
): Promise<KeyedAnswer | null> {
  return request === null ? null : answerOf(route, await findKey(tx, request))
}

function answerOf(route: Pick<Route, 'revealsSecret'>, state: KeyState): KeyedAnswer | null {
  if (state.kind === 'other') {
    throw new ApiProblem('IDEMPOTENCY_KEY_REUSED', 'the key was used for another request')
  }
  return state.kind === 'new' ? null : { body: replayed(route, state.answer), isReplayed: true }
}

function replayed(route: Pick<Route, 'revealsSecret'>, { body }: KeptAnswer): unknown {
  if (route.revealsSecret !== true) return body
  throw new ApiProblem(
    'SECRET_ALREADY_SHOWN',
    'the request was done; its secret is not shown again',
  )
}
