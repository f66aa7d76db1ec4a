import { setTimeout as wait } from 'node:timers/promises'
import { randomFrom } from '../../../../test/random.js'
import type { Random } from '../../../../test/random.js'
import { openSessionIssuer } from '../../src/identity/session-issuer.js'
import { openHttpSender } from '../conformance/http-exchange.js'
import type { LoadRequest } from './load-oracle.js'
import { LoadOracle } from './load-oracle.js'
import type { LoadTenant, LoadWorld } from './load-world.js'
import type { MemoryFigures } from './memory-samples.js'
import { MemorySamples } from './memory-samples.js'

export interface LoadOptions {
  readonly clients: number
  readonly seconds: number
  /** How often the database is stopped and started, in turn in order and as by a crash. */
  readonly restarts: number
  readonly seed: number
  readonly onProgress?: (line: string) => void
}

export interface LoadResult {
  readonly options: LoadOptions
  readonly tenants: number
  readonly statuses: ReadonlyMap<number, number>
  readonly violations: readonly string[]
  /** Ids of rows that were seen in replies and compared. */
  readonly compared: number
  /** Milliseconds of replies that were asked for, in order. */
  readonly latencies: readonly number[]
  /** Milliseconds from the start of the database to the first good reply, for each restart. */
  readonly recoveries: readonly number[]
  /** Replies that were asked for after the last restart, and 503s 10 s after it or later. */
  readonly afterwards: { readonly good: number; readonly unavailable: number }
  readonly memory: MemoryFigures
  /** True when the server process that was started is the one that answered last. */
  readonly isAlive: boolean
}

/** Has clients of all tenants send requests for some time while the database is restarted. */
export async function runLoad(world: LoadWorld, options: LoadOptions): Promise<LoadResult> {
  const { clients, seconds, restarts, seed, onProgress } = options
  const oracle = new LoadOracle()
  const memory = new MemorySamples(world.url)
  const latencies: number[] = []
  const recoveries: number[] = []
  const sender = openHttpSender(world.url, clients)
  const tokens = await openTokens(world)
  const start = performance.now()
  const end = start + seconds * 1000
  /** When the database came back last; null while it is down. */
  let upSince: number | null = start
  let isAwaited = false
  const afterwards = { good: 0, unavailable: 0 }

  async function client(tenant: LoadTenant, number: number, random: Random): Promise<void> {
    while (performance.now() < end) {
      const request = drawRequest(world, tenant, random)
      const headers = {
        authorization: `Bearer ${await tokens(tenant)}`,
        'x-forwarded-for': `10.1.${String(number >> 8)}.${String(number & 255)}`,
        ...(request.body !== null && { 'content-type': 'application/json' }),
      }
      const reply = await sender.send(request.method, request.path, headers, request.body)
      const now = performance.now()
      const isGood = oracle.see(tenant, request, reply)
      const isLast = upSince !== null && recoveries.length >= restarts - (isAwaited ? 1 : 0)
      if (isGood) {
        latencies.push(reply.milliseconds)
        if (upSince !== null && isAwaited) {
          recoveries.push(now - upSince)
          isAwaited = false
        }
        if (isLast) afterwards.good += 1
        continue
      }
      if (isLast && upSince !== null && now - upSince > 10_000) afterwards.unavailable += 1
      await wait(random.int(Number(reply.headers['retry-after'] ?? 1) * 1000))
    }
  }

  async function restartInBetween(): Promise<void> {
    for (let count = 1; count <= restarts; count += 1) {
      await wait(Math.max(0, start + (count * seconds * 1000) / (restarts + 1) - performance.now()))
      upSince = null
      onProgress?.('the database is stopped')
      await world.restart(count % 2 === 1 ? 'fast' : 'immediate')
      upSince = performance.now()
      isAwaited = true
      onProgress?.('the database is up')
    }
  }

  async function sample(): Promise<void> {
    while (performance.now() < end) {
      await memory.take()
      await wait(Math.min(1000, seconds * 20))
    }
  }

  const random = randomFrom(seed)
  const all = Array.from({ length: clients }, (_, number) => {
    const tenant = world.tenants[number % world.tenants.length]
    if (tenant === undefined) throw new Error('there are no tenants')
    return client(tenant, number, random.fork())
  })
  await Promise.all([...all, restartInBetween(), sample()])
  sender.close()
  const compared = oracle.settle(await world.readOwners())
  return {
    options,
    tenants: world.tenants.length,
    statuses: oracle.statuses,
    violations: oracle.violations,
    compared,
    latencies: latencies.sort((left, right) => left - right),
    recoveries,
    afterwards,
    memory: memory.figures(),
    isAlive: world.platform.child.exitCode === null,
  }
}

function drawRequest({ tenants }: LoadWorld, tenant: LoadTenant, random: Random): LoadRequest {
  const get = (what: string, path: string, expected = 200): LoadRequest => ({
    what,
    method: 'GET',
    path: `/api/v1/${path}`,
    body: null,
    expected,
  })
  const other = random.pick(tenants)
  const draw = random.int(100)
  if (draw < 25) return get('own object', `assets/${random.pick(tenant.assets)}`)
  if (draw < 50) return get('list', `assets?limit=${String(5 + random.int(20))}`)
  if (draw < 60) return get('members', 'members')
  if (draw < 70) return get('places', 'org-units')
  if (draw < 85) {
    const isOwn = other === tenant
    return get('object of others', `assets/${random.pick(other.assets)}`, isOwn ? 200 : 404)
  }
  const label = `of tenant Tenant ${String(tenant.number)}`
  return {
    what: 'change',
    method: 'PATCH',
    path: `/api/v1/assets/${random.pick(tenant.assets)}`,
    body: JSON.stringify({ label }),
    expected: 200,
  }
}

/** Tokens as the platform issues them, by its own key, each for half its life. */
async function openTokens(world: LoadWorld): Promise<(tenant: LoadTenant) => Promise<string>> {
  const { url, sessionKey } = world
  const sessions = await openSessionIssuer({
    issuer: `${url}/session`,
    audience: `${url}/api/v1`,
    privateKey: sessionKey,
  })
  const issued = new Map<LoadTenant, { readonly token: Promise<string>; readonly until: number }>()
  return async (tenant) => {
    const known = issued.get(tenant)
    if (known !== undefined && known.until > Date.now()) return known.token
    const token = sessions
      .issue({
        userId: tenant.userId,
        tenantId: tenant.id,
        mode: 'member',
        orgUnitId: null,
        grantId: null,
        scopes: null,
        signedInUntil: Math.floor(Date.now() / 1000) + 900,
      })
      .then((session) => session.token)
    issued.set(tenant, { token, until: Date.now() + 300_000 })
    return token
  }
}
