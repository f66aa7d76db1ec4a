import { isIP } from 'node:net'
import type { TenantContext } from 'watertight/runtime'
import type { AuditEntry, AuditOutcome } from '../audit/audit-entry.js'
import { isUuid } from './request-id.js'
import type { Route } from './route.js'

/** The facts of a request that its audit entry names. */
export interface AuditedRequest {
  readonly id: string
  readonly ip: string
  readonly params: unknown
}

/** What came of a call. */
export interface CallEnd {
  readonly outcome: AuditOutcome
  /** The reply, which names the object that was made. */
  readonly result?: unknown
  /** Code of the refusal. */
  readonly code?: string
}

/**
 * The audit entry of a call, for the log of `tenantId`. What a route has no name for is a read:
 * `read.list_assets`.
 */
export function auditOfCall(
  route: Pick<Route, 'audit' | 'id' | 'tag'>,
  request: AuditedRequest,
  context: TenantContext,
  tenantId: string,
  end: CallEnd,
): AuditEntry {
  return {
    tenantId,
    actorId: context.userId,
    actorRole: roleOf(context),
    action: route.audit?.action ?? `read.${snakeCase(route.id)}`,
    targetType: route.audit?.targetType ?? route.tag,
    targetId: targetOf(route, request, end.result),
    outcome: end.outcome,
    correlationId: request.id,
    clientAddress: addressOf(request.ip),
    detail: {
      operation: route.id,
      ...(context.accessGrantId !== null && { accessGrant: context.accessGrantId }),
      ...(end.code !== undefined && { code: end.code }),
    },
  }
}

/** Null for members of the tenant: their role is that of their membership. */
function roleOf({ mode, tenantId }: TenantContext): string | null {
  if (mode !== 'member') return mode
  return tenantId === null ? 'user' : null
}

function targetOf(
  { audit }: Pick<Route, 'audit'>,
  { params }: AuditedRequest,
  result: unknown,
): string | null {
  const named: Readonly<Record<string, unknown>> = { ...(params as object | null) }
  if (audit?.targetParam !== undefined) return uuidOrNull(named[audit.targetParam])
  const made: unknown = typeof result === 'object' && result !== null && Reflect.get(result, 'id')
  if (isUuid(made)) return made
  // A read of one object names it in its path, the innermost last.
  return uuidOrNull(audit === undefined ? Object.values(named).at(-1) : undefined)
}

/** An address as `inet` takes it, without its zone; null for what a proxy made up. */
function addressOf(ip: string): string | null {
  const [address = ''] = ip.split('%', 1)
  return isIP(address) === 0 ? null : address
}

function uuidOrNull(value: unknown): string | null {
  return isUuid(value) ? value : null
}

function snakeCase(text: string): string {
  return text
    .replaceAll(/[^a-zA-Z]+/g, '_')
    .replaceAll(/([A-Z])/g, '_$1')
    .toLowerCase()
}
