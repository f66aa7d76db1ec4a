import { z } from 'zod'
import type { Queryable } from 'watertight/sql'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { forTenant } from '../api/tenant-step.js'
import { grantOrders, findGrant, listGrants, revokeGrant } from './grant-repository.js'
import { grantRequestRoutes } from './grant-request-routes.js'
import { grant, shownGrant } from './grant-schema.js'

const tag = 'access grants'
const revoked = {
  action: 'access_grant.revoke',
  targetType: 'access_grant',
  targetParam: 'grantId',
}
const answer = { status: 200, schema: grant, description: 'The revoked grant' } as const

async function revoke(
  tx: Queryable,
  id: string,
  by: string | null,
): Promise<z.input<typeof grant>> {
  const ended = await revokeGrant(tx, id, by ?? '')
  if (ended !== undefined) return shownGrant(ended)
  found(await findGrant(tx, id))
  throw new ApiProblem('CONFLICT', 'the grant has ended')
}

/** Who is let into a tenant from outside, why, until when. */
export const accessGrantRoutes: readonly Route[] = [
  ...grantRequestRoutes,
  defineRoute({
    method: 'GET',
    path: '/access-grants',
    id: 'listAccessGrants',
    summary: 'Grants of access to the tenant, ended ones included, newest first',
    tag,
    access: { kind: 'tenant', capability: 'access_grants.read', auditor: true, support: true },
    input: { query: z.strictObject(sortedQuery(grantOrders)) },
    reply: { status: 200, schema: pageOf(grant), description: 'A page of grants' },
    handle: async ({ tx, query }) => {
      const rows = await listGrants(tx, readPage(grantOrders, query))
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(shownGrant), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/access-grants/{grantId}/revoke',
    id: 'revokeAccessGrant',
    summary: 'End a grant now',
    tag,
    access: { kind: 'tenant', capability: 'access_grants.write', asWorker: true },
    audit: revoked,
    input: { params: z.strictObject({ grantId: z.uuid() }) },
    reply: answer,
    handle: ({ tx, params, context }) => revoke(tx, params.grantId, context.userId),
  }),
  defineRoute({
    method: 'POST',
    path: '/platform/tenants/{tenantId}/access-grants/{grantId}/revoke',
    id: 'revokeSupportAccess',
    summary: 'End a grant now, as platform staff',
    tag,
    access: { kind: 'platform' },
    audit: revoked,
    input: { params: z.strictObject({ tenantId: z.uuid(), grantId: z.uuid() }) },
    reply: answer,
    handle: ({ params, context }) =>
      Promise.resolve(
        forTenant(params.tenantId, (tx) => revoke(tx, params.grantId, context.userId)),
      ),
  }),
]
