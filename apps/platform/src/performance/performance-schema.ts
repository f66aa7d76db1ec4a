import { z } from 'zod'

const ms = z.number()

/** Requests that one process has answered for a tenant. */
const requestLoad = z.object({
  requests: z.int(),
  /** Answers with a status of 500 and above. */
  failures: z.int(),
  totalMs: ms,
  meanMs: ms,
  maxMs: ms,
})

const slowStatement = z.object({
  /** As text: it does not fit a number. */
  id: z.string(),
  /** With parameters instead of values, 4,000 characters at most. */
  text: z.string(),
  role: z.nullable(z.string()),
  calls: z.int(),
  totalMs: ms,
  meanMs: ms,
  maxMs: ms,
  rows: z.int(),
  /** Share of blocks found in the server's cache, 0 to 1; null when none were read. */
  cacheHitRatio: z.nullable(z.number()),
})

const tenantShare = z.object({
  tenantId: z.uuid(),
  name: z.nullable(z.string()),
  /** Estimated from the statistics of the planner. */
  rows: z.int(),
  bytes: z.int(),
  /** Of all rows of tenants, 0 to 1. */
  share: z.number(),
})

/** Names of plan warnings. */
const planWarningKind = z.enum([
  'index-not-usable',
  'missing-tenant-index',
  'tenant-skew',
  'stale-statistics',
  // Of a statement:
  'sequential-scan',
  'late-tenant-filter',
  'function-per-row',
  'condition-not-leakproof',
  'whale-and-minnow',
])

const planWarning = z.object({
  kind: planWarningKind,
  severity: z.enum(['warning', 'info']),
  /** `schema.table` */
  object: z.string(),
  index: z.nullable(z.string()),
  column: z.nullable(z.string()),
  message: z.string(),
  /** What can be done, in words. */
  remedy: z.nullable(z.string()),
  fixSql: z.nullable(z.string()),
})

/** A slow statement whose plan is bad under row level security. */
const plannedStatement = slowStatement
  .pick({ text: true, role: true, calls: true, meanMs: true })
  .extend({
    statementId: z.string(),
    /** As EXPLAIN prints it, cut; planned with open parameters, and never executed. */
    plan: z.string(),
    warnings: z.array(planWarning),
  })

const tableLoad = z.object({
  object: z.string(),
  rows: z.int(),
  bytes: z.int(),
  sequentialScans: z.int(),
  indexScans: z.int(),
  deadRows: z.int(),
  analyzedAt: z.nullable(z.iso.datetime()),
  /** Share of the rows that belong to the largest tenant, 0 to 1; null when not known. */
  largestTenantShare: z.nullable(z.number()),
})

/** A part of the page that the server may not be able to fill. */
const availability = {
  available: z.boolean(),
  /** Why not, and what to do about it; null when it is. */
  howToEnable: z.nullable(z.string()),
}

/** The performance page. */
export const performanceReport = z.object({
  takenAt: z.iso.datetime(),
  /** Of this process, since it started. */
  requests: z.object({
    since: z.iso.datetime(),
    tenants: z.array(requestLoad.extend({ tenantId: z.uuid(), name: z.nullable(z.string()) })),
    /** Requests of tenants that are no longer counted one by one. */
    forgotten: z.int(),
  }),
  statements: z.object({
    ...availability,
    since: z.nullable(z.iso.datetime()),
    items: z.array(slowStatement),
  }),
  load: z.object({
    ...availability,
    tenants: z.array(tenantShare),
    tables: z.array(tableLoad),
  }),
  warnings: z.object({ ...availability, items: z.array(planWarning) }),
  plans: z.object({
    ...availability,
    /** Statements that were planned; those without a warning are not shown. */
    examined: z.int(),
    items: z.array(plannedStatement),
    notPlanned: z.array(
      z.object({ statementId: z.string(), text: z.string(), reason: z.string() }),
    ),
  }),
})

/** What the page holds. */
export type PerformanceReport = z.input<typeof performanceReport>

/** A plan warning of the page. */
export type PlanWarning = PerformanceReport['warnings']['items'][number]

/** What one process has done for the tenant of the caller. */
export const ownLoad = requestLoad.extend({ since: z.iso.datetime() })
