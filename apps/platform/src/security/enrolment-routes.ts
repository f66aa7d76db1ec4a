import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { forTenant } from '../api/tenant-step.js'
import { jsonRow } from '../database/json-row.js'
import { enqueue } from '../outbox/enqueue.js'
import { insertAsset } from './asset-repository.js'
import { machineFields } from './asset-schema.js'
import {
  tokenOrders,
  insertEnrolmentToken,
  listEnrolmentTokens,
  revokeEnrolmentToken,
  takeEnrolmentUse,
} from './enrolment-repository.js'
import { makeEnrolmentSecret, secretHash, tenantOfSecret } from './enrolment-secret.js'
import { plainText, shownTime } from './fields.js'
import { actorOf, placeOf } from './org-place.js'

const token = z.object({
  id: z.uuid(),
  orgUnitId: z.uuid(),
  label: z.string(),
  maxUses: z.int(),
  uses: z.int(),
  createdBy: z.uuid(),
  createdAt: shownTime,
  expiresAt: shownTime,
  revokedAt: z.nullable(shownTime),
})

const tokenQuery = z.strictObject({
  ...sortedQuery(tokenOrders),
  usable: z.enum(['true', 'false']).optional(),
})

const newToken = z.strictObject({
  label: plainText(200),
  orgUnitId: z.uuid().optional(),
  maxUses: z.int().min(1).max(1000).default(1),
  lifetimeHours: z.int().min(1).max(2160).default(24),
})

/** Tokens that let machines enrol, and the enrolment itself. */
export const enrolmentRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/enrolment-tokens',
    id: 'listEnrolmentTokens',
    summary: 'Enrolment tokens of the org units in scope, newest first; never their secrets',
    tag: 'security',
    access: { kind: 'tenant', capability: 'enrolment.read', auditor: true, support: true },
    input: { query: tokenQuery },
    reply: { status: 200, schema: pageOf(token), description: 'A page of tokens' },
    handle: async ({ tx, query, context }) => {
      const usable = query.usable === undefined ? null : query.usable === 'true'
      const filter = { usable, ...readPage(tokenOrders, query) }
      const rows = await listEnrolmentTokens(tx, context.mode, filter)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/enrolment-tokens',
    id: 'createEnrolmentToken',
    summary: 'Make an enrolment token; its secret is shown this once',
    tag: 'security',
    access: { kind: 'tenant', capability: 'enrolment.write' },
    audit: { action: 'enrolment_token.create', targetType: 'enrolment_token' },
    revealsSecret: true,
    input: { body: newToken },
    reply: {
      status: 201,
      schema: token.extend({ secret: z.string() }),
      description: 'The token with its secret',
    },
    handle: async ({ tx, body, context }) => {
      const secret = makeEnrolmentSecret(String(context.tenantId))
      const orgUnitId = await placeOf(tx, context, body.orgUnitId)
      const made = await insertEnrolmentToken(tx, {
        ...body,
        orgUnitId,
        hash: secretHash(secret),
        createdBy: actorOf(context),
      })
      return { ...jsonRow(found(made)), secret }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/enrolment-tokens/{tokenId}/revoke',
    id: 'revokeEnrolmentToken',
    summary: 'End an enrolment token at once',
    tag: 'security',
    access: { kind: 'tenant', capability: 'enrolment.write' },
    audit: {
      action: 'enrolment_token.revoke',
      targetType: 'enrolment_token',
      targetParam: 'tokenId',
    },
    input: { params: z.strictObject({ tokenId: z.uuid() }) },
    reply: { status: 200, schema: token, description: 'The revoked token' },
    handle: async ({ tx, params }) =>
      jsonRow(found(await revokeEnrolmentToken(tx, params.tokenId))),
  }),
  defineRoute({
    method: 'POST',
    path: '/public/enrolments',
    id: 'enrolAsset',
    summary: 'Enrol a machine with the secret of a token; the asset waits for approval',
    tag: 'security',
    access: { kind: 'public' },
    audit: { action: 'asset.enrol', targetType: 'asset' },
    input: { body: z.strictObject({ ...machineFields, secret: z.string().max(200) }) },
    reply: {
      status: 201,
      schema: z.object({ id: z.uuid(), hostname: z.string(), status: z.literal('pending') }),
      description: 'The asset that waits for approval',
    },
    handle: ({ body: { secret, ...machine } }) => {
      const tenantId = found(tenantOfSecret(secret) ?? undefined)
      const enrolment = forTenant(tenantId, async (tx) => {
        // SECURITY: unknown, used up, expired and revoked look the same to who does not hold it.
        const orgUnitId = found(await takeEnrolmentUse(tx, secretHash(secret)))
        const asset = await insertAsset(tx, { ...machine, orgUnitId })
        if (asset === undefined) throw new ApiProblem('CONFLICT', 'the host name is in use')
        await enqueue(tx, 'asset.registered', { assetId: asset.id, orgUnitId })
        return { id: asset.id, hostname: asset.hostname, status: 'pending' as const }
      })
      return Promise.resolve(enrolment)
    },
  }),
]
