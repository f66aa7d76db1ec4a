import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Transaction } from 'watertight/runtime'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import type { TenantStep } from '../api/tenant-step.js'
import { forTenant } from '../api/tenant-step.js'
import { setUpTenant } from './set-up-tenant.js'
import {
  changeStatus,
  holdTenant,
  listTenants,
  placeHold,
  releaseHold,
  tenantOrders,
} from './tenant-repository.js'
import {
  readyTenant,
  reason,
  shownDetail,
  shownReady,
  shownSummary,
  slug,
  tenantDetail,
  tenantStatus,
  tenantSummary,
} from './tenant-schema.js'

const tenantPath = z.strictObject({ tenantId: z.uuid() })

/** A step on a tenant that is there; what it answers with is the tenant afterwards. */
function onTenant(
  tenantId: string,
  change: (tx: Transaction) => Promise<boolean>,
  refusal: string,
): TenantStep<z.input<typeof tenantDetail>> {
  return forTenant(tenantId, async (tx) => {
    found(await holdTenant(tx, tenantId))
    if (!(await change(tx))) throw new ApiProblem('CONFLICT', refusal)
    return shownDetail(found(await holdTenant(tx, tenantId)))
  })
}

/** Tenants as platform staff administer them; nothing here shows what is theirs. */
export const tenantRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/platform/tenants',
    id: 'listTenants',
    summary: 'Tenants of the platform, newest first',
    tag: 'platform',
    access: { kind: 'platform' },
    input: {
      query: z.strictObject({ ...sortedQuery(tenantOrders), status: tenantStatus.optional() }),
    },
    reply: { status: 200, schema: pageOf(tenantSummary), description: 'A page of tenants' },
    handle: async ({ tx, query }) => {
      const filter = { status: query.status ?? null, ...readPage(tenantOrders, query) }
      const { items, next } = toSortedPage(await listTenants(tx, filter), query)
      return { items: items.map(shownSummary), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/platform/tenants',
    id: 'createTenant',
    summary: 'Make a tenant with its root unit and keys, and invite its first administrator',
    tag: 'platform',
    access: { kind: 'platform' },
    audit: { action: 'tenant.create', targetType: 'tenant' },
    revealsSecret: true,
    input: {
      body: z.strictObject({
        slug,
        name: z.string().trim().min(1).max(200),
        adminEmail: z.email().max(254).toLowerCase(),
        region: z
          .string()
          .max(40)
          .regex(/^[a-z]{2}-[a-z]+$/)
          .optional(),
        hasPublicPage: z.boolean().default(false),
      }),
    },
    reply: { status: 201, schema: readyTenant, description: 'The tenant, and the token once' },
    handle: async ({ body, context }) => {
      const id = randomUUID()
      const wanted = { ...body, id, region: body.region ?? null, invitedBy: context.userId ?? '' }
      return forTenant(id, async (tx) => shownReady(await setUpTenant(tx, wanted)))
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/platform/tenants/{tenantId}',
    id: 'getTenant',
    summary: 'One tenant; the tenant sees in its audit log that staff looked',
    tag: 'platform',
    access: { kind: 'platform' },
    audit: { action: 'tenant.view', targetType: 'tenant', targetParam: 'tenantId' },
    input: { params: tenantPath },
    reply: { status: 200, schema: tenantDetail, description: 'The tenant' },
    handle: async ({ params: { tenantId } }) =>
      forTenant(tenantId, async (tx) => shownDetail(found(await holdTenant(tx, tenantId)))),
  }),
  defineRoute({
    method: 'POST',
    path: '/platform/tenants/{tenantId}/suspend',
    id: 'suspendTenant',
    summary: 'Suspend a tenant: the database shows its members nothing until it is resumed',
    tag: 'platform',
    access: { kind: 'platform' },
    audit: { action: 'tenant.suspend', targetType: 'tenant', targetParam: 'tenantId' },
    input: { params: tenantPath },
    reply: { status: 200, schema: tenantDetail, description: 'The suspended tenant' },
    handle: async ({ params: { tenantId } }) =>
      onTenant(
        tenantId,
        (tx) => changeStatus(tx, tenantId, 'active', 'suspended'),
        'the tenant is not active',
      ),
  }),
  defineRoute({
    method: 'POST',
    path: '/platform/tenants/{tenantId}/resume',
    id: 'resumeTenant',
    summary: 'Resume a suspended tenant',
    tag: 'platform',
    access: { kind: 'platform' },
    audit: { action: 'tenant.resume', targetType: 'tenant', targetParam: 'tenantId' },
    input: { params: tenantPath },
    reply: { status: 200, schema: tenantDetail, description: 'The active tenant' },
    handle: async ({ params: { tenantId } }) =>
      onTenant(
        tenantId,
        (tx) => changeStatus(tx, tenantId, 'suspended', 'active'),
        'the tenant is not suspended',
      ),
  }),
  defineRoute({
    method: 'PUT',
    path: '/platform/tenants/{tenantId}/legal-hold',
    id: 'placeLegalHold',
    summary: 'Keep anything of a tenant from being erased',
    tag: 'platform',
    access: { kind: 'platform' },
    audit: { action: 'tenant.hold', targetType: 'tenant', targetParam: 'tenantId' },
    input: { params: tenantPath, body: z.strictObject({ reason }) },
    reply: { status: 200, schema: tenantDetail, description: 'The tenant under hold' },
    handle: async ({ params: { tenantId }, body, context }) =>
      onTenant(
        tenantId,
        (tx) => placeHold(tx, { tenantId, reason: body.reason, userId: context.userId ?? '' }),
        'the tenant is under legal hold already',
      ),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/platform/tenants/{tenantId}/legal-hold',
    id: 'releaseLegalHold',
    summary: 'Release the legal hold on a tenant',
    tag: 'platform',
    access: { kind: 'platform' },
    audit: { action: 'tenant.release', targetType: 'tenant', targetParam: 'tenantId' },
    input: { params: tenantPath },
    reply: { status: 200, schema: tenantDetail, description: 'The tenant without hold' },
    handle: async ({ params: { tenantId }, context }) =>
      onTenant(
        tenantId,
        (tx) => releaseHold(tx, tenantId, context.userId ?? ''),
        'the tenant is under no legal hold',
      ),
  }),
]
