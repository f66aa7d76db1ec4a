import type { Exchange } from './http-exchange.js'
import { textsOf } from './tenant-rows.js'
import type { TenantRows } from './tenant-rows.js'
import type { FuzzRequest } from './request-maker.js'
import { actors } from './actors.js'

/** A row or a text of a tenant that somebody else was shown. */
export interface Leak {
  readonly request: FuzzRequest
  readonly what: string
}

interface Sighting {
  readonly request: FuzzRequest
  readonly what: string
}

/** Finds rows of other tenants in replies. */
export interface TenantOracle {
  /** Notes what a reply shows; the rows that it created are known only after `settle`. */
  see(request: FuzzRequest, reply: Exchange): void
  /** Judges everything that was seen since the last time; the rows must be fresh. */
  settle(): readonly Leak[]
  /** Ids and texts that were compared. */
  readonly compared: () => number
}

const uuid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g
const mark = /m[0-9]q[0-9a-z]{6}/g

/** Records that platform staff keep of tenants. */
const kept = new Set([
  'core.tenants',
  'core.organization_requests',
  'core.access_grants',
  'core.access_grant_requests',
  'core.archive_requests',
  'core.legal_holds',
])

/** Opens the oracle over rows that a superuser reads. */
export function openTenantOracle(rows: TenantRows): TenantOracle {
  const sightings = new Map<string, Sighting>()
  /** What a tenant has sent itself: its audit log keeps whose id somebody asked for in vain. */
  const sent = new Map<string, Set<string>>()
  let compared = 0

  function isAllowed(
    { operation, actor }: FuzzRequest,
    tenantId: string,
    table: string | null,
    text: string,
  ): boolean {
    const { kind } = operation.access
    if (kind === 'public') return rows.published.has(text)
    if (tenantId === actor.tenantId && kind === 'tenant') return true
    if (kind === 'user') return rows.tenantsOf.get(actor.userId ?? '')?.has(tenantId) === true
    if (kind === 'platform') return table === null || kept.has(table)
    return false
  }

  return {
    see(request, reply) {
      const { actor, operation } = request
      const who = actor.tenantId ?? ''
      const own = sent.get(who) ?? new Set<string>()
      sent.set(who, own)
      const asked = `${decoded(request.path)} ${request.body ?? ''} ${Object.values(request.headers).join(' ')}`
      for (const [id] of asked.matchAll(uuid)) own.add(id)
      const isLog = operation.id.includes('Audit') || reply.status >= 400
      const note = (what: string): void => {
        if (isLog && own.has(what)) return
        sightings.set(`${String(actor.userId)} ${who} ${operation.id} ${what}`, { request, what })
      }
      for (const [id] of reply.text.matchAll(uuid)) note(id)
      for (const [text] of reply.text.matchAll(mark)) note(text)
      for (const text of partsOf(reply)) {
        if (rows.textOwnerOf.has(text) && !asked.includes(text)) note(text)
      }
    },
    settle() {
      const leaks: Leak[] = []
      for (const { request, what } of sightings.values()) {
        const row = rows.ownerOf.get(what)
        const owner = row?.tenantId ?? rows.textOwnerOf.get(what) ?? writerOf(what)
        compared += 1
        if (owner === undefined || isAllowed(request, owner, row?.table ?? null, what)) continue
        if (request.operation.access.kind === 'public' && isPublicMark(what)) continue
        leaks.push({ request, what: `shows ${what} of ${row?.table ?? 'tenant'} ${owner}` })
      }
      sightings.clear()
      return leaks
    },
    compared: () => compared,
  }

  function isPublicMark(text: string): boolean {
    return [...rows.published].some((published) => published.includes(text))
  }
}

/** The demo tenant whose number the mark has; undefined for other texts and for nobody's. */
function writerOf(text: string): string | undefined {
  const [, number] = /^m([1-9])q/.exec(text) ?? []
  return number === undefined
    ? undefined
    : (actors.find((actor) => String(actor.number) === number)?.tenantId ?? undefined)
}

function partsOf({ text, headers }: Exchange): readonly string[] {
  if (headers['content-type']?.includes('json') !== true) return text.split(/[",;\r\n]+/)
  try {
    return textsOf(JSON.parse(text))
  } catch {
    return []
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
