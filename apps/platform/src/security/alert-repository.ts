import type { ContextMode } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { relationFor } from '../database/relation-for.js'
import type { AttributeValue } from './fields.js'
import { byEnum, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** How bad it is. */
export type Severity = 'low' | 'medium' | 'high' | 'critical'

/** Where the work on an alert stands. */
export type AlertStatus = 'open' | 'acknowledged' | 'resolved'

/** An alert as the API shows it; null in what an auditor may not read. */
export interface AlertRow {
  readonly id: string
  readonly orgUnitId: string
  readonly assetId: string | null
  readonly severity: Severity
  readonly status: AlertStatus
  readonly title: string
  readonly source: string
  readonly fingerprint: string
  readonly detail: Record<string, unknown> | null
  readonly detectedAt: Date
  readonly acknowledgedBy: string | null
  readonly acknowledgedAt: Date | null
  readonly assignedTo: string | null
  readonly resolvedBy: string | null
  readonly resolvedAt: Date | null
  readonly resolutionNote: string | null
}

/** Which alerts. */
export interface AlertFilter extends PageFilter<AlertSort> {
  readonly status: AlertStatus | null
  readonly severity: Severity | null
  readonly orgUnitId: string | null
  readonly assetId: string | null
  readonly assignedTo: string | null
  readonly source: string | null
}

/** What a detection brings. */
export interface NewAlert {
  readonly orgUnitId: string
  readonly assetId?: string | undefined
  readonly severity: Severity
  readonly title: string
  readonly source: string
  readonly fingerprint: string
  readonly detail?: Readonly<Record<string, AttributeValue>> | undefined
  readonly detectedAt?: string | undefined
}

const columns = sql`id, org_unit_id as "orgUnitId", asset_id as "assetId", severity, status, title,
  source, fingerprint, detail, detected_at as "detectedAt",
  acknowledged_by as "acknowledgedBy", acknowledged_at as "acknowledgedAt",
  assigned_to as "assignedTo", resolved_by as "resolvedBy", resolved_at as "resolvedAt",
  resolution_note as "resolutionNote"`

/** What alerts can be listed by. */
export type AlertSort = 'title' | 'severity' | 'status' | 'source' | 'detectedAt'

/** The orders of the list of alerts. */
export const alertOrders: SortOrders<AlertSort> = sortOrders(
  {
    title: byText(sql`title`),
    severity: byEnum(sql`severity`, sql`sec.severity`),
    status: byEnum(sql`status`, sql`sec.alert_status`),
    source: byText(sql`source`),
    detectedAt: byTime(sql`detected_at`),
  },
  '-detectedAt',
)

/** Alerts from the last detected on. */
export async function listAlerts(
  db: Queryable,
  mode: ContextMode,
  filter: AlertFilter,
): Promise<Sorted<AlertRow>[]> {
  const relation = relationFor(mode, 'sec.alerts')
  const page = pageSql(alertOrders, filter)
  const { rows } = await db.query<Sorted<AlertRow>>(
    sql`select ${columns}, ${page.column} from ${relation}
     where ${page.after}
       and ($4::sec.alert_status is null or status = $4)
       and ($5::sec.severity is null or severity = $5)
       and ($6::uuid is null or org_unit_id = $6)
       and ($7::uuid is null or asset_id = $7)
       and ($8::uuid is null or assigned_to = $8)
       and ($9::text is null or source = $9)
     ${page.orderAndLimit}`.text,
    [
      ...page.values,
      filter.status,
      filter.severity,
      filter.orgUnitId,
      filter.assetId,
      filter.assignedTo,
      filter.source,
    ],
  )
  return rows
}

/** The alert, if the caller may see it. */
export async function findAlert(
  db: Queryable,
  mode: ContextMode,
  id: string,
): Promise<AlertRow | undefined> {
  const { rows } = await db.query<AlertRow>(
    sql`select ${columns} from ${relationFor(mode, 'sec.alerts')} where id = $1`.text,
    [id],
  )
  return rows[0]
}

/** A new open alert; undefined while one of the same fingerprint is unresolved in the tenant. */
export async function insertAlert(db: Queryable, alert: NewAlert): Promise<AlertRow | undefined> {
  const { rows } = await db.query<AlertRow>(
    sql`insert into sec.alerts
       (org_unit_id, asset_id, severity, title, source, fingerprint, detail, detected_at)
     values ($1, $2, $3, $4, $5, $6, $7, coalesce($8::timestamptz, now()))
     on conflict (tenant_id, fingerprint) where status <> 'resolved' do nothing
     returning ${columns}`.text,
    [
      alert.orgUnitId,
      alert.assetId ?? null,
      alert.severity,
      alert.title,
      alert.source,
      alert.fingerprint,
      JSON.stringify(alert.detail ?? {}),
      alert.detectedAt ?? null,
    ],
  )
  return rows[0]
}

/** The unresolved alert of a fingerprint, if the caller may see it. */
export async function findLiveAlert(
  db: Queryable,
  fingerprint: string,
): Promise<AlertRow | undefined> {
  const { rows } = await db.query<AlertRow>(
    sql`select ${columns} from sec.alerts where fingerprint = $1 and status <> 'resolved'`.text,
    [fingerprint],
  )
  return rows[0]
}

/** Says that somebody has seen an open alert; undefined when there is no such open one. */
export async function acknowledgeAlert(
  db: Queryable,
  id: string,
  userId: string,
): Promise<AlertRow | undefined> {
  const { rows } = await db.query<AlertRow>(
    sql`update sec.alerts
     set status = 'acknowledged', acknowledged_by = $2, acknowledged_at = now()
     where id = $1 and status = 'open' returning ${columns}`.text,
    [id, userId],
  )
  return rows[0]
}

/** Gives an unresolved alert to somebody, or to nobody. */
export async function assignAlert(
  db: Queryable,
  id: string,
  userId: string | null,
): Promise<AlertRow | undefined> {
  const { rows } = await db.query<AlertRow>(
    sql`update sec.alerts set assigned_to = $2
     where id = $1 and status <> 'resolved' returning ${columns}`.text,
    [id, userId],
  )
  return rows[0]
}

/** Ends the work on an alert; undefined when there is no such unresolved one. */
export async function resolveAlert(
  db: Queryable,
  id: string,
  userId: string,
  note: string,
): Promise<AlertRow | undefined> {
  const { rows } = await db.query<AlertRow>(
    sql`update sec.alerts
     set status = 'resolved', resolved_by = $2, resolved_at = now(), resolution_note = $3
     where id = $1 and status <> 'resolved' returning ${columns}`.text,
    [id, userId, note],
  )
  return rows[0]
}
