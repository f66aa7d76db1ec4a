import { z } from 'zod'
import type { TenantContext } from 'watertight/runtime'
import type { Queryable } from 'watertight/sql'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { JsonRow } from '../database/json-row.js'
import { jsonRow } from '../database/json-row.js'
import { enqueue } from '../outbox/enqueue.js'
import type { AssetRow } from './asset-repository.js'
import {
  approveAsset,
  assetOrders,
  findAsset,
  insertAsset,
  listAssets,
  retireAsset,
  updateAsset,
} from './asset-repository.js'
import { assetKind, assetStatus, describingFields, machineFields } from './asset-schema.js'
import { plainText, shownAttributes, shownTime, tags } from './fields.js'
import { actorOf, placeOf } from './org-place.js'

const asset = z.object({
  id: z.uuid(),
  orgUnitId: z.uuid(),
  displayName: z.string(),
  label: z.nullable(z.string()),
  hostname: z.string(),
  kind: assetKind,
  status: assetStatus,
  address: z.nullable(z.string()),
  hardwareAddress: z.nullable(z.string()),
  serialNumber: z.nullable(z.string()),
  tags: z.array(z.string()),
  attributes: z.nullable(shownAttributes),
  approvedBy: z.nullable(z.uuid()),
  approvedAt: z.nullable(shownTime),
  lastSeenAt: z.nullable(shownTime),
  createdAt: shownTime,
})

const assetPath = z.strictObject({ assetId: z.uuid() })

const assetQuery = z.strictObject({
  ...sortedQuery(assetOrders),
  status: assetStatus.optional(),
  kind: assetKind.optional(),
  orgUnitId: z.uuid().optional(),
  tag: z.string().max(50).optional(),
  search: plainText(100).optional(),
})

const newAsset = z.strictObject({
  ...machineFields,
  orgUnitId: z.uuid().optional(),
  label: plainText(200).optional(),
  tags: tags.optional(),
})

const assetChange = z
  .strictObject(describingFields)
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'changes nothing')

const read = { kind: 'tenant', capability: 'assets.read', auditor: true, support: true } as const
const write = { kind: 'tenant', capability: 'assets.write', support: true } as const

/** The asset after a change, or why there was none: it is not there, or not in the right state. */
async function changed(
  tx: Queryable,
  context: TenantContext,
  id: string,
  row: AssetRow | undefined,
  conflict: string,
): Promise<JsonRow<AssetRow>> {
  if (row !== undefined) return jsonRow(row)
  found(await findAsset(tx, context.mode, id))
  throw new ApiProblem('CONFLICT', conflict)
}

/** Machines and services under watch. */
export const assetRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/assets',
    id: 'listAssets',
    summary: 'Assets of the org units in scope',
    tag: 'security',
    access: read,
    input: { query: assetQuery },
    reply: { status: 200, schema: pageOf(asset), description: 'A page of assets' },
    handle: async ({ tx, query, context }) => {
      const { status = null, kind = null, orgUnitId = null, tag = null, search = null } = query
      const filter = { ...readPage(assetOrders, query), status, kind, orgUnitId, tag, search }
      const { items, next } = toSortedPage(await listAssets(tx, context.mode, filter), query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/assets/{assetId}',
    id: 'getAsset',
    summary: 'One asset',
    tag: 'security',
    access: read,
    input: { params: assetPath },
    reply: { status: 200, schema: asset, description: 'The asset' },
    handle: async ({ tx, params, context }) =>
      jsonRow(found(await findAsset(tx, context.mode, params.assetId))),
  }),
  defineRoute({
    method: 'POST',
    path: '/assets',
    id: 'createAsset',
    summary: 'Enter an asset; it is pending until somebody approves it',
    tag: 'security',
    access: write,
    audit: { action: 'asset.create', targetType: 'asset' },
    input: { body: newAsset },
    reply: { status: 201, schema: asset, description: 'The pending asset' },
    handle: async ({ tx, body, context }) => {
      const orgUnitId = await placeOf(tx, context, body.orgUnitId)
      const created = await insertAsset(tx, { ...body, orgUnitId })
      if (created === undefined) throw new ApiProblem('CONFLICT', 'the host name is in use')
      await enqueue(tx, 'asset.registered', { assetId: created.id, orgUnitId })
      return jsonRow(created)
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: '/assets/{assetId}',
    id: 'updateAsset',
    summary: 'Change what describes an asset',
    tag: 'security',
    access: write,
    audit: { action: 'asset.update', targetType: 'asset', targetParam: 'assetId' },
    input: { params: assetPath, body: assetChange },
    reply: { status: 200, schema: asset, description: 'The asset as it is now' },
    handle: async ({ tx, params, body, context }) => {
      const { hardwareAddress, serialNumber, ...others } = body
      const row = await updateAsset(tx, params.assetId, {
        ...others,
        ...(hardwareAddress !== undefined && { hardware_address: hardwareAddress }),
        ...(serialNumber !== undefined && { serial_number: serialNumber }),
      })
      return changed(tx, context, params.assetId, row, 'the asset is retired')
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/assets/{assetId}/approve',
    id: 'approveAsset',
    summary: 'Approve a pending asset',
    tag: 'security',
    access: write,
    audit: { action: 'asset.approve', targetType: 'asset', targetParam: 'assetId' },
    input: { params: assetPath },
    reply: { status: 200, schema: asset, description: 'The approved asset' },
    handle: async ({ tx, params, context }) => {
      const row = await approveAsset(tx, params.assetId, actorOf(context))
      if (row !== undefined) await enqueue(tx, 'asset.approved', { assetId: row.id })
      return changed(tx, context, params.assetId, row, 'the asset is not pending')
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/assets/{assetId}/retire',
    id: 'retireAsset',
    summary: 'Take an asset out of use; its host name becomes free',
    tag: 'security',
    access: write,
    audit: { action: 'asset.retire', targetType: 'asset', targetParam: 'assetId' },
    input: { params: assetPath },
    reply: { status: 200, schema: asset, description: 'The retired asset' },
    handle: async ({ tx, params, context }) => {
      const row = await retireAsset(tx, params.assetId)
      if (row !== undefined) await enqueue(tx, 'asset.retired', { assetId: row.id })
      return changed(tx, context, params.assetId, row, 'the asset is retired already')
    },
  }),
]
