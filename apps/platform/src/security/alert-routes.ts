import { z } from 'zod'
import type { TenantContext } from 'watertight/runtime'
import type { Queryable } from 'watertight/sql'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import type { JsonRow } from '../database/json-row.js'
import { jsonRow } from '../database/json-row.js'
import { enqueue } from '../outbox/enqueue.js'
import type { AlertRow } from './alert-repository.js'
import {
  alertOrders,
  acknowledgeAlert,
  assignAlert,
  findAlert,
  findLiveAlert,
  insertAlert,
  listAlerts,
  resolveAlert,
} from './alert-repository.js'
import { canSeeOrgUnit } from './member-sight.js'
import { findAsset } from './asset-repository.js'
import { attributes, plainText, recentTime, shownAttributes, shownTime } from './fields.js'
import { actorOf, placeOf } from './org-place.js'

const severity = z.enum(['low', 'medium', 'high', 'critical'])
const status = z.enum(['open', 'acknowledged', 'resolved'])

const alert = z.object({
  id: z.uuid(),
  orgUnitId: z.uuid(),
  assetId: z.nullable(z.uuid()),
  severity,
  status,
  title: z.string(),
  source: z.string(),
  fingerprint: z.string(),
  detail: z.nullable(shownAttributes),
  detectedAt: shownTime,
  acknowledgedBy: z.nullable(z.uuid()),
  acknowledgedAt: z.nullable(shownTime),
  assignedTo: z.nullable(z.uuid()),
  resolvedBy: z.nullable(z.uuid()),
  resolvedAt: z.nullable(shownTime),
  resolutionNote: z.nullable(z.string()),
})

const alertPath = z.strictObject({ alertId: z.uuid() })

const alertQuery = z.strictObject({
  ...sortedQuery(alertOrders),
  status: status.optional(),
  severity: severity.optional(),
  orgUnitId: z.uuid().optional(),
  assetId: z.uuid().optional(),
  assignedTo: z.uuid().optional(),
  source: plainText(100).optional(),
})

const newAlert = z.strictObject({
  orgUnitId: z.uuid().optional(),
  assetId: z.uuid().optional(),
  severity,
  title: plainText(300),
  source: plainText(100),
  fingerprint: plainText(200),
  detail: attributes.optional(),
  detectedAt: recentTime.optional(),
})

const read = { kind: 'tenant', capability: 'alerts.read', auditor: true, support: true } as const
const write = { kind: 'tenant', capability: 'alerts.write', support: true } as const

async function changed(
  tx: Queryable,
  context: TenantContext,
  id: string,
  row: AlertRow | undefined,
  conflict: string,
): Promise<JsonRow<AlertRow>> {
  if (row !== undefined) return jsonRow(row)
  found(await findAlert(tx, context.mode, id))
  throw new ApiProblem('CONFLICT', conflict)
}

function atField(field: string, detail: string): ApiProblem {
  const errors = [{ pointer: `/body/${field}`, detail }]
  return new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
}

/** An alert of an asset belongs where the asset does. */
async function placeOfAlert(
  tx: Queryable,
  context: TenantContext,
  body: z.output<typeof newAlert>,
): Promise<string> {
  if (body.assetId === undefined) return placeOf(tx, context, body.orgUnitId)
  const asset = await findAsset(tx, context.mode, body.assetId)
  if (asset === undefined) throw atField('assetId', 'is no asset of the caller')
  if (body.orgUnitId === undefined || body.orgUnitId === asset.orgUnitId) return asset.orgUnitId
  throw atField('orgUnitId', 'is not the org unit of the asset')
}

/** Detections to be worked on. */
export const alertRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/alerts',
    id: 'listAlerts',
    summary: 'Alerts of the org units in scope, last detected first',
    tag: 'security',
    access: read,
    input: { query: alertQuery },
    reply: { status: 200, schema: pageOf(alert), description: 'A page of alerts' },
    handle: async ({ tx, query, context }) => {
      const rows = await listAlerts(tx, context.mode, {
        ...readPage(alertOrders, query),
        status: query.status ?? null,
        severity: query.severity ?? null,
        orgUnitId: query.orgUnitId ?? null,
        assetId: query.assetId ?? null,
        assignedTo: query.assignedTo ?? null,
        source: query.source ?? null,
      })
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/alerts/{alertId}',
    id: 'getAlert',
    summary: 'One alert',
    tag: 'security',
    access: read,
    input: { params: alertPath },
    reply: { status: 200, schema: alert, description: 'The alert' },
    handle: async ({ tx, params, context }) =>
      jsonRow(found(await findAlert(tx, context.mode, params.alertId))),
  }),
  defineRoute({
    method: 'POST',
    path: '/alerts',
    id: 'raiseAlert',
    summary: 'Raise an alert; while one of its fingerprint is unresolved, that one is the answer',
    tag: 'security',
    access: write,
    audit: { action: 'alert.raise', targetType: 'alert' },
    input: { body: newAlert },
    reply: { status: 200, schema: alert, description: 'The unresolved alert of the fingerprint' },
    handle: async ({ tx, body, context }) => {
      const orgUnitId = await placeOfAlert(tx, context, body)
      const raised = await insertAlert(tx, { ...body, orgUnitId })
      if (raised !== undefined) {
        const { id, severity } = raised
        await enqueue(tx, 'alert.raised', { alertId: id, severity, orgUnitId })
        return jsonRow(raised)
      }
      const live = await findLiveAlert(tx, body.fingerprint)
      if (live === undefined) throw new ApiProblem('CONFLICT', 'the fingerprint is in use')
      return jsonRow(live)
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/alerts/{alertId}/acknowledge',
    id: 'acknowledgeAlert',
    summary: 'Say that an open alert has been seen',
    tag: 'security',
    access: write,
    audit: { action: 'alert.acknowledge', targetType: 'alert', targetParam: 'alertId' },
    input: { params: alertPath },
    reply: { status: 200, schema: alert, description: 'The acknowledged alert' },
    handle: async ({ tx, params: { alertId }, context }) => {
      const row = await acknowledgeAlert(tx, alertId, actorOf(context))
      if (row !== undefined) await enqueue(tx, 'alert.acknowledged', { alertId })
      return changed(tx, context, alertId, row, 'the alert is not open')
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/alerts/{alertId}/assign',
    id: 'assignAlert',
    summary: 'Give an alert to a member who can see it, or to nobody',
    tag: 'security',
    access: write,
    audit: { action: 'alert.assign', targetType: 'alert', targetParam: 'alertId' },
    input: { params: alertPath, body: z.strictObject({ userId: z.nullable(z.uuid()) }) },
    reply: { status: 200, schema: alert, description: 'The alert' },
    handle: async ({ tx, params: { alertId }, body: { userId }, context }) => {
      const { orgUnitId } = found(await findAlert(tx, context.mode, alertId))
      if (userId !== null && !(await canSeeOrgUnit(tx, userId, orgUnitId))) {
        throw atField('userId', 'is no member who can see the alert')
      }
      const row = await assignAlert(tx, alertId, userId)
      if (row !== undefined) await enqueue(tx, 'alert.assigned', { alertId, userId })
      return changed(tx, context, alertId, row, 'the alert is resolved')
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/alerts/{alertId}/resolve',
    id: 'resolveAlert',
    summary: 'End the work on an alert',
    tag: 'security',
    access: write,
    audit: { action: 'alert.resolve', targetType: 'alert', targetParam: 'alertId' },
    input: { params: alertPath, body: z.strictObject({ note: plainText(2000) }) },
    reply: { status: 200, schema: alert, description: 'The resolved alert' },
    handle: async ({ tx, params: { alertId }, body, context }) => {
      const row = await resolveAlert(tx, alertId, actorOf(context), body.note)
      if (row !== undefined) await enqueue(tx, 'alert.resolved', { alertId, status: row.status })
      return changed(tx, context, alertId, row, 'the alert is resolved already')
    },
  }),
]
