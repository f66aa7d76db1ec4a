import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { WatertightError } from 'watertight/errors'
import type { HttpTenancy } from 'watertight/http'
import type {
  BoundTxManager,
  RunOptions,
  TenantContext,
  Transaction,
  TransactionVerbs,
} from 'watertight/runtime'
import { isGrantWritable } from '../access-grants/grant-repository.js'
import { appendAuditEntry } from '../audit/append-audit-entry.js'
import { ApiProblem } from './api-problem.js'
import type { ApiServices } from './api-services.js'
import { auditOfCall } from './audit-of-call.js'
import type { CallEnd } from './audit-of-call.js'
import type { KeyedAnswer } from './idempotency.js'
import { answeredBefore, keyedRequestOf, onceFor } from './idempotency.js'
import type { KeyedRequest } from './idempotency-repository.js'
import { parseInput } from './parse-input.js'
import { requireShallow } from './require-shallow.js'
import { StreamedBody } from './streamed-body.js'
import type { Call, Route, RouteInput } from './route.js'
import { workerOf } from './tenant-contexts.js'
import { TenantStep } from './tenant-step.js'
import { WithHeaders } from './with-headers.js'

/** What a route answers with. */
export interface RouteAnswer {
  /** As the schema of the reply makes it; null for none. */
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
  /** True for the answer of an earlier request with the same idempotency key. */
  readonly isReplayed: boolean
}

/** What calls are served with. */
export interface Serving {
  readonly http: HttpTenancy
  readonly services: ApiServices | null
}

/** Bounds of every transaction of the API; a write that lost against another one is run again. */
const bounds: RunOptions = { statementTimeout: 20_000, lockTimeout: 10_000 }
const retry = { attempts: 4 } as const

/**
 * Runs one call of a route: its input parsed, its change, the answer kept under an idempotency key
 * and its audit entry in one transaction, or none of them.
 *
 * @param context of the caller, who may call the route
 * @throws {ApiProblem} for input that does not fit; what the handler and the database throw.
 */
export async function runRoute(
  serving: Serving,
  route: Route,
  request: FastifyRequest,
  context: TenantContext,
): Promise<RouteAnswer> {
  return new RouteRun(serving, route, request, context).answer()
}

class RouteRun {
  readonly #http: HttpTenancy
  readonly #services: ApiServices | null
  readonly #route: Route
  readonly #request: FastifyRequest
  readonly #context: TenantContext
  readonly #keyed: KeyedRequest | null
  #headers: Readonly<Record<string, string>> = {}

  constructor(
    { http, services }: Serving,
    route: Route,
    request: FastifyRequest,
    context: TenantContext,
  ) {
    this.#http = http
    this.#services = services
    this.#route = route
    this.#request = request
    this.#context = context
    requireShallow(request.body)
    const { identity } = request.tenancy
    this.#keyed = keyedRequestOf(request, route, { context, identity })
  }

  async answer(): Promise<RouteAnswer> {
    const { params, query, body } = this.#request
    const input = parseInput(this.#route.input, { params, query, body })
    const done = await this.#transactions().run((tx) => this.#inside(tx, input), this.#options())
    if (!(done.body instanceof TenantStep)) {
      await this.#recordVisit(done.body)
      return this.#answerOf(done, this.#context.tenantId)
    }
    const step = this.#allowed(done.body)
    const { userId } = this.#context
    const finished = await workerOf(this.#http, step.tenantId, userId).run(
      (tx) =>
        onceFor(tx, this.#route, this.#keyed, async () =>
          this.#finish(tx, await step.run(tx), step.tenantId),
        ),
      this.#options(this.#isRead()),
    )
    await this.#recordVisit(finished.body)
    return this.#answerOf(finished, step.tenantId)
  }

  /** A body that is sent as it is read is begun here, when its transaction has been committed. */
  #answerOf({ body, isReplayed }: KeyedAnswer, tenantId: string | null): RouteAnswer {
    if (!(body instanceof StreamedBody)) return { body, headers: this.#headers, isReplayed }
    if (tenantId === null) throw new Error('only bytes of a tenant are sent as they are read')
    // Its context is made anew for each statement: the reply takes as long as its client.
    const db: Pick<TransactionVerbs, 'query'> = {
      query: (text, values) =>
        workerOf(this.#http, tenantId, this.#context.userId).query(text, values),
    }
    const headers = { ...this.#headers, 'content-length': String(body.byteCount) }
    return { body: Readable.from(body.open(db)), headers, isReplayed }
  }

  async #inside(tx: Transaction, input: object): Promise<KeyedAnswer> {
    const route = this.#route
    await this.#requireWritableGrant(tx)
    const { identity } = this.#request.tenancy
    const call = { ...input, context: this.#context, identity, services: this.#services, tx }
    const isPublic = this.#context.mode === 'public'
    const answer = async (): Promise<unknown> => {
      // The schemas of the route made the input that its handler takes.
      const result = await route.handle(call as Call<RouteInput>)
      return result instanceof TenantStep
        ? result
        : this.#finish(tx, result, this.#context.tenantId)
    }
    if (!isPublic) return onceFor(tx, route, this.#keyed, answer)
    // Nothing can be written here, and so nothing is done but in a step.
    const known = await answeredBefore(tx, route, this.#keyed)
    return known ?? { body: await answer(), isReplayed: false }
  }

  /**
   * The database keeps a reading grant from writing, but to an UPDATE it shows no rows and no reason.
   *
   * @throws ACCESS_DENIED
   */
  async #requireWritableGrant(tx: Transaction): Promise<void> {
    const { mode, tenantId } = this.#context
    if (mode !== 'platform' || tenantId === null || this.#route.method === 'GET') return
    if (await isGrantWritable(tx)) return
    throw new WatertightError('ACCESS_DENIED', 'the grant of the caller is for reading')
  }

  /** The last things of the transaction that changes something. */
  async #finish(tx: Transaction, made: unknown, tenantId: string | null): Promise<unknown> {
    const { reply } = this.#route
    const result: unknown = made instanceof WithHeaders ? made.result : made
    if (made instanceof WithHeaders) this.#headers = made.headers
    const body = reply.status === 204 ? null : reply.schema.parse(result)
    const isAudited = this.#route.audit !== undefined && !this.#isVisit()
    if (isAudited && tenantId !== null) {
      await this.#record(tx, tenantId, { outcome: 'allowed', result: body })
    }
    return body
  }

  /** What visitors by a grant read is recorded before they see it. Auditors cannot write. */
  async #recordVisit(result: unknown): Promise<void> {
    const { tenantId } = this.#context
    if (tenantId === null || !this.#isVisit()) return
    await workerOf(this.#http, tenantId, this.#context.userId).run((tx) =>
      this.#record(tx, tenantId, { outcome: 'allowed', result }),
    )
  }

  async #record(tx: Transaction, tenantId: string, end: CallEnd): Promise<void> {
    await appendAuditEntry(
      tx,
      auditOfCall(this.#route, this.#request, this.#context, tenantId, end),
    )
  }

  /** A read by auditors or platform support: recorded outside of their transaction. */
  #isVisit(): boolean {
    const { mode, tenantId } = this.#context
    const isVisitor = mode === 'auditor' || (mode === 'platform' && tenantId !== null)
    return isVisitor && this.#route.method === 'GET'
  }

  #isRead(): boolean {
    return this.#route.method === 'GET' && (this.#route.audit === undefined || this.#isVisit())
  }

  /** INVARIANT: who has a tenant leaves steps for that one only, so no caller acts elsewhere. */
  #allowed(step: TenantStep<unknown>): TenantStep<unknown> {
    const { mode, tenantId } = this.#context
    if (tenantId === null) return step
    // SECURITY: a step would not ask whether the grant of platform support allows writing.
    const isWriteOfVisitor = mode !== 'member' && this.#route.method !== 'GET'
    if (tenantId === step.tenantId && !isWriteOfVisitor) return step
    throw new ApiProblem('NOT_FOUND', 'no such object')
  }

  #transactions(): BoundTxManager {
    const { access } = this.#route
    const { tenantId, userId } = this.#context
    const isWorker = access.kind === 'tenant' && access.asWorker === true && tenantId !== null
    if (isWorker) return workerOf(this.#http, tenantId, userId)
    return this.#http.tx.as(this.#context)
  }

  #options(readOnly = this.#isRead() || this.#context.mode === 'public'): RunOptions {
    return readOnly ? { ...bounds, readOnly } : { ...bounds, retry }
  }
}
