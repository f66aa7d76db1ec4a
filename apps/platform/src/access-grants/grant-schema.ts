import { z } from 'zod'
import { ApiProblem } from '../api/api-problem.js'
import type { FieldProblem } from '../api/api-problem.js'
import type { GrantRow } from './grant-repository.js'
import type { GrantRequestRow } from './grant-request-repository.js'

const time = z.iso.datetime()
const mode = z.enum(['auditor', 'platform'])

/** A request for access, as replies show it. */
export const grantRequest = z.object({
  id: z.uuid(),
  granteeId: z.uuid(),
  mode,
  canWrite: z.boolean(),
  reason: z.string(),
  startsAt: time,
  expiresAt: time,
  requestedBy: z.uuid(),
  createdAt: time,
  status: z.enum(['pending', 'approved', 'rejected']),
  decidedBy: z.nullable(z.uuid()),
  decidedAt: z.nullable(time),
  decisionNote: z.nullable(z.string()),
  accessGrantId: z.nullable(z.uuid()),
})

/** A grant, as replies show it. */
export const grant = z.object({
  id: z.uuid(),
  granteeId: z.uuid(),
  mode,
  canWrite: z.boolean(),
  reason: z.string(),
  requestedBy: z.nullable(z.uuid()),
  approvedBy: z.uuid(),
  startsAt: time,
  expiresAt: time,
  revokedAt: z.nullable(time),
  revokedBy: z.nullable(z.uuid()),
  createdAt: time,
  state: z.enum(['upcoming', 'live', 'expired', 'revoked']),
})

/** From when until when, and why. */
export const wantedWindow = {
  reason: z.string().trim().min(1).max(1000),
  startsAt: z.iso.datetime({ offset: true }),
  expiresAt: z.iso.datetime({ offset: true }),
}

/** A row as {@link grantRequest}. */
export function shownRequest(row: GrantRequestRow): z.input<typeof grantRequest> {
  return {
    id: row.id,
    granteeId: row.grantee_id,
    mode: row.mode,
    canWrite: row.can_write,
    reason: row.reason,
    startsAt: row.starts_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    requestedBy: row.requested_by,
    createdAt: row.created_at.toISOString(),
    status: row.status,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at?.toISOString() ?? null,
    decisionNote: row.decision_note,
    accessGrantId: row.access_grant_id,
  }
}

/** A row as {@link grant}. */
export function shownGrant(row: GrantRow): z.input<typeof grant> {
  return {
    id: row.id,
    granteeId: row.grantee_id,
    mode: row.mode,
    canWrite: row.can_write,
    reason: row.reason,
    requestedBy: row.requested_by,
    approvedBy: row.approved_by,
    startsAt: row.starts_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    revokedAt: row.revoked_at?.toISOString() ?? null,
    revokedBy: row.revoked_by,
    createdAt: row.created_at.toISOString(),
    state: row.state,
  }
}

const hour = 3_600_000
const maxReadHours = 30 * 24
const maxWriteHours = 8
const maxAheadHours = 90 * 24

/**
 * Holds a window to its bounds: 30 days, 8 hours with the right to write, and from now on.
 *
 * @throws {ApiProblem} INVALID_REQUEST with a pointer for each fault.
 */
export function requireWindow(
  wanted: { readonly startsAt: string; readonly expiresAt: string },
  canWrite: boolean,
  now: number = Date.now(),
): void {
  const [starts, expires] = [Date.parse(wanted.startsAt), Date.parse(wanted.expiresAt)]
  const hours = canWrite ? maxWriteHours : maxReadHours
  const errors: FieldProblem[] = []
  const fault = (field: string, detail: string): void => {
    errors.push({ pointer: `/body/${field}`, detail })
  }
  if (starts > now + maxAheadHours * hour) fault('startsAt', 'is more than 90 days ahead')
  if (expires <= now) fault('expiresAt', 'has passed')
  if (expires <= starts) fault('expiresAt', 'must be after the start')
  if (expires > Math.max(starts, now) + hours * hour || expires > starts + hours * hour) {
    fault('expiresAt', `must be at most ${String(hours)} hours after the start`)
  }
  if (errors.length === 0) return
  throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
}
