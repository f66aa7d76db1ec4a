import { z } from 'zod'
import { ApiProblem } from '../api/api-problem.js'
import type { ReadyTenant } from './set-up-tenant.js'
import type { TenantDetailRow, TenantRow } from './tenant-repository.js'

export const tenantStatus: z.ZodEnum<{
  active: 'active'
  suspended: 'suspended'
  archived: 'archived'
}> = z.enum(['active', 'suspended', 'archived'])

const summaryShape = {
  id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  status: tenantStatus,
  createdAt: z.iso.datetime(),
} as const

const detailShape = {
  ...summaryShape,
  region: z.string(),
  hasPublicPage: z.boolean(),
  suspendedAt: z.nullable(z.iso.datetime()),
  archivedAt: z.nullable(z.iso.datetime()),
  archiveReason: z.nullable(z.string()),
  legalHold: z.nullable(z.object({ reason: z.string(), placedAt: z.iso.datetime() })),
} as const

/** A tenant in a list. */
export const tenantSummary: z.ZodObject<typeof summaryShape> = z.object(summaryShape)

/** One tenant. */
export const tenantDetail: z.ZodObject<typeof detailShape> = z.object(detailShape)

const readyShape = {
  ...detailShape,
  /** Shown once; null when the tenant has an administrator, or one is invited. */
  invitationToken: z.nullable(z.string()),
} as const

/** A tenant that was just set up. */
export const readyTenant: z.ZodObject<typeof readyShape> = z.object(readyShape)

/** Short name in addresses. */
export const slug: z.ZodString = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)

/** Why something was done or is wanted. */
export const reason: z.ZodString = z.string().trim().min(1).max(1000)

/** The name of a tenant, typed by who wants it archived or erased. */
export const typedName: z.ZodString = z.string().max(200)

/** What is said when that is another name. */
export function nameDiffers(): ApiProblem {
  const errors = [{ pointer: '/body/confirm', detail: 'is not the name of the tenant' }]
  return new ApiProblem('INVALID_REQUEST', 'the name typed is not that of the tenant', errors)
}

/** @throws {ApiProblem} INVALID_REQUEST unless the name was typed as it is. */
export function requireName(typed: string, name: string): void {
  if (typed !== name) throw nameDiffers()
}

export function shownSummary(row: TenantRow): z.input<typeof tenantSummary> {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    status: row.status,
    createdAt: row.created_at.toISOString(),
  }
}

export function shownDetail(row: TenantDetailRow): z.input<typeof tenantDetail> {
  return {
    ...shownSummary(row),
    region: row.region,
    hasPublicPage: row.has_public_page,
    suspendedAt: row.suspended_at?.toISOString() ?? null,
    archivedAt: row.archived_at?.toISOString() ?? null,
    archiveReason: row.archive_reason,
    legalHold:
      row.hold_reason === null || row.hold_placed_at === null
        ? null
        : { reason: row.hold_reason, placedAt: row.hold_placed_at.toISOString() },
  }
}

export function shownReady({ tenant, invitationToken }: ReadyTenant): z.input<typeof readyTenant> {
  return { ...shownDetail(tenant), invitationToken }
}
