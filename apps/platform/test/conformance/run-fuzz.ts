import { randomFrom } from '../../../../test/random.js'
import type { Route } from '../../src/api/route.js'
import { routes as platformRoutes } from '../../src/api/routes.js'
import { localKeys } from '../../src/keys/key-setup.js'
import { readServerSetup } from '../../src/serve/read-server-setup.js'
import { servePlatform } from '../../src/serve/serve-platform.js'
import type { PlatformDatabase } from '../platform-database.js'
import { roleUrls } from '../role-urls.js'
import { issueTokens } from './actors.js'
import type { ApiOperation } from './api-operations.js'
import { readContract } from './api-operations.js'
import type { Exchange } from './http-exchange.js'
import { openHttpSender } from './http-exchange.js'
import { isRecord } from './json-schema.js'
import { openKnownValues } from './known-values.js'
import { replyFaults } from './reply-oracle.js'
import type { FuzzRequest } from './request-maker.js'
import { makeRequest } from './request-maker.js'
import { keepStanding } from './standing-rows.js'
import { openTenantOracle } from './tenant-oracle.js'
import { openTenantRows } from './tenant-rows.js'

export interface FuzzOptions {
  readonly requests: number
  readonly seed: number
  /** Requests on their way at the same time. */
  readonly parallel: number
  /** What the replies are held to; the routes of the platform by default. */
  readonly routes?: readonly Route[]
  /** Which operations; all by default. */
  readonly only?: (operation: ApiOperation) => boolean
  readonly onProgress?: (done: number, findings: number) => void
}

/** A reply that must not be. */
export interface Finding {
  readonly kind: 'server error' | 'outside of the document' | 'foreign row'
  readonly fault: string
  /** Who sent what, to send it again. */
  readonly request: string
  readonly reply: string
}

export interface FuzzResult {
  readonly options: FuzzOptions
  /** Ids of the operations that requests were made for. */
  readonly operations: readonly string[]
  readonly seconds: number
  readonly statuses: ReadonlyMap<number, number>
  /** Operations that were answered with success, by id. */
  readonly succeeded: ReadonlySet<string>
  /** Ids and texts of replies that were looked up among the rows of all tenants. */
  readonly compared: number
  readonly findings: readonly Finding[]
}

/** After so many requests the rows are read again, and people put back in their places. */
const roundLength = 200

/** Sends requests to the platform on a database and holds every reply to the document. */
export async function runFuzz(
  database: PlatformDatabase,
  options: FuzzOptions,
): Promise<FuzzResult> {
  const {
    requests,
    seed,
    parallel,
    routes = platformRoutes,
    only = () => true,
    onProgress,
  } = options
  const contract = readContract(routes)
  const operations = contract.operations.filter(only)
  const restore = await keepStanding(database)
  const rows = await openTenantRows(database.admin)
  const values = openKnownValues(rows, await readSlugs(database))
  const oracle = openTenantOracle(rows)
  const served = await servePlatform({
    urls: roleUrls(database),
    signingKey: database.signingKey,
    keys: { providers: [localKeys(database.keyEncryptionKey)] },
    setup: readServerSetup({ PORT: '0', DEMO_PASSWORD: 'correct horse' }),
    workers: false,
    poolSize: 4,
    // Every request comes from an address of its own, so that none is refused for their number.
    trustProxy: ['127.0.0.1'],
  })
  const sender = openHttpSender(served.publicUrl, parallel)
  const statuses = new Map<number, number>()
  const succeeded = new Set<string>()
  const findings: Finding[] = []
  const start = performance.now()
  const random = randomFrom(seed)
  try {
    for (let done = 0; done < requests; done += roundLength) {
      const tokens = await issueTokens(served.identity.sessions)
      const round = Array.from({ length: Math.min(roundLength, requests - done) }, (_, index) =>
        makeRequest(operations, values, random.fork(), done + index),
      )
      await inParallel(round, parallel, async (request, index) => {
        const token = request.actor.key === null ? undefined : tokens.get(request.actor.key)
        const headers = {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(request.body !== null && { 'content-type': 'application/json' }),
          'x-forwarded-for': addressOf(done + index),
          ...request.headers,
        }
        const reply = await sender.send(request.method, request.path, headers, request.body)
        statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1)
        for (const fault of replyFaults(request, reply, contract)) {
          const kind =
            reply.status >= 500 || reply.status === 0 ? 'server error' : 'outside of the document'
          findings.push(findingOf(kind, fault, request, reply))
        }
        oracle.see(request, reply)
        if (reply.status !== request.operation.success.status) return
        succeeded.add(request.operation.id)
        const next = nextOf(reply)
        if (next !== null) values.keepCursor(request.operation.id, next)
      })
      await rows.refresh()
      for (const { request, what } of oracle.settle()) {
        findings.push(findingOf('foreign row', what, request, null))
      }
      await restore()
      onProgress?.(Math.min(done + roundLength, requests), findings.length)
    }
  } finally {
    sender.close()
    await served.stop()
  }
  return {
    options,
    operations: operations.map(({ id }) => id),
    seconds: (performance.now() - start) / 1000,
    statuses,
    succeeded,
    compared: oracle.compared(),
    findings,
  }
}

async function readSlugs({ admin }: PlatformDatabase): Promise<{ org: string[]; slug: string[] }> {
  const { rows } = await admin.query<{ org: string; slug: string | null }>(
    'select t.slug as org, e.slug from core.tenants t left join evt.events e on e.tenant_id = t.id',
  )
  return { org: rows.map(({ org }) => org), slug: rows.flatMap(({ slug }) => slug ?? []) }
}

async function inParallel<Item>(
  items: readonly Item[],
  parallel: number,
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const waiting = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) await work(item, index)
  }
  await Promise.all(Array.from({ length: parallel }, worker))
}

function addressOf(count: number): string {
  return `10.${[count >> 16, count >> 8, count].map((part) => String(part & 255)).join('.')}`
}

function nextOf({ text }: Exchange): string | null {
  if (!text.startsWith('{')) return null
  const body = JSON.parse(text) as unknown
  const next = isRecord(body) ? body['next'] : null
  return typeof next === 'string' ? next : null
}

function findingOf(
  kind: Finding['kind'],
  fault: string,
  { actor, method, path, headers, body, operation }: FuzzRequest,
  reply: Exchange | null,
): Finding {
  const shownHeaders = Object.keys(headers).length === 0 ? '' : ` ${JSON.stringify(headers)}`
  const request = `${operation.id} as ${actor.key ?? 'nobody'}: ${method} ${path}${shownHeaders} ${body ?? ''}`
  return {
    kind,
    fault,
    request: request.slice(0, 1500),
    reply: reply === null ? '' : `${String(reply.status)} ${reply.text.slice(0, 500)}`,
  }
}
