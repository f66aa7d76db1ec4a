import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf, pageQuery, readCursor, toPage } from '../api/page.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { approveAsset, findAsset, listAssets } from './asset-repository.js'
import type { AssetRow } from './asset-repository.js'

const asset = z.object({
  id: z.uuid(),
  orgUnitId: z.uuid(),
  displayName: z.string(),
  hostname: z.string(),
  kind: z.enum(['server', 'workstation', 'network', 'camera', 'cloud']),
  status: z.enum(['pending', 'approved', 'retired']),
  tags: z.array(z.string()),
  approvedBy: z.nullable(z.uuid()),
  approvedAt: z.nullable(z.iso.datetime()),
  createdAt: z.iso.datetime(),
})

const assetPath = z.strictObject({ assetId: z.uuid() })

function shown(row: AssetRow): z.input<typeof asset> {
  return {
    id: row.id,
    orgUnitId: row.org_unit_id,
    displayName: row.display_name,
    hostname: row.hostname,
    kind: row.kind as z.input<typeof asset>['kind'],
    status: row.status as z.input<typeof asset>['status'],
    tags: row.tags,
    approvedBy: row.approved_by,
    approvedAt: row.approved_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
  }
}

/** Machines and services under watch. */
export const assetRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/assets',
    id: 'listAssets',
    summary: 'Assets of the org units in scope, newest first',
    tag: 'security',
    access: { kind: 'tenant', capability: 'assets.read' },
    input: {
      query: z.strictObject({ ...pageQuery, status: asset.shape.status.optional() }),
    },
    reply: { status: 200, schema: pageOf(asset), description: 'A page of assets' },
    handle: async ({ tx, query }) => {
      const { limit, status = null } = query
      const rows = await listAssets(tx, { status, limit, after: readCursor(query.after) })
      const { items, next } = toPage(rows, limit, (row) => row.created_at)
      return { items: items.map(shown), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/assets/{assetId}',
    id: 'getAsset',
    summary: 'One asset',
    tag: 'security',
    access: { kind: 'tenant', capability: 'assets.read' },
    input: { params: assetPath },
    reply: { status: 200, schema: asset, description: 'The asset' },
    handle: async ({ tx, params }) => shown(found(await findAsset(tx, params.assetId))),
  }),
  defineRoute({
    method: 'POST',
    path: '/assets/{assetId}/approve',
    id: 'approveAsset',
    summary: 'Approve a pending asset',
    tag: 'security',
    access: { kind: 'tenant', capability: 'assets.write' },
    audit: { action: 'asset.approve', targetType: 'asset', targetParam: 'assetId' },
    input: { params: assetPath },
    reply: { status: 200, schema: asset, description: 'The approved asset' },
    handle: async ({ tx, params, context }) => {
      const approved = await approveAsset(tx, params.assetId, context.userId ?? '')
      if (approved !== undefined) return shown(approved)
      found(await findAsset(tx, params.assetId))
      throw new ApiProblem('CONFLICT', 'the asset is not pending')
    },
  }),
]
