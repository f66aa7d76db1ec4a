import type { Queryable } from 'watertight/sql'
import { readIndexFacts } from './index-repository.js'
import { readLoad } from './load-repository.js'
import type { PerformanceReport } from './performance-schema.js'
import { planWarnings } from './plan-warnings.js'
import type { PlanContext } from './plans/plan-context.js'
import { reportPlans } from './plans/report-plans.js'
import type { Surroundings } from './statement-repository.js'
import { listSlowStatements, readSurroundings } from './statement-repository.js'
import type { LoadOfTenant, TenantLoad } from './tenant-load.js'

const schemas = ['core', 'ops', 'sec', 'eval', 'media', 'evt', 'notify']

const connect =
  'Set PLATFORM_DIAGNOSTICS_URL of the server to a login that is a superuser, or that has BYPASSRLS and pg_read_all_stats.'
const install =
  "Set shared_preload_libraries = 'pg_stat_statements', restart the server, then as a superuser: create schema monitoring; create extension pg_stat_statements schema monitoring."

const tooOld =
  'Statements are planned with their parameters left open, which PostgreSQL can from version 16 on.'

/**
 * Fills the performance page in at most five statements, and plans slow statements under the contexts
 * that are given; parts that cannot be filled say why.
 */
export async function reportPerformance(
  db: Queryable | null,
  load: TenantLoad | null,
  limit: number,
  contexts: PlanContext | null = null,
): Promise<PerformanceReport> {
  const page = {
    takenAt: new Date().toISOString(),
    requests: requestsOf(load, limit, new Map()),
  }
  if (db === null) {
    const absent = { available: false, howToEnable: connect, items: [] }
    return {
      ...page,
      statements: { ...absent, since: null },
      load: { available: false, howToEnable: connect, tenants: [], tables: [] },
      warnings: absent,
      plans: { ...absent, examined: 0, notPlanned: [] },
    }
  }
  const surroundings = await readSurroundings(db)
  const hindrance = hindranceOf(surroundings)
  const statements =
    hindrance === null && surroundings.schema !== null
      ? await listSlowStatements(db, surroundings.schema, limit)
      : []
  const { tables, tenants } = await readLoad(db, schemas, Math.max(limit, 100))
  const indexes = await readIndexFacts(db, schemas)
  const names = new Map(tenants.map(({ tenantId, name }) => [tenantId, name]))
  const seen = {
    available: surroundings.seesAll,
    howToEnable: surroundings.seesAll ? null : connect,
  }
  return {
    ...page,
    requests: requestsOf(load, limit, names),
    statements: {
      available: hindrance === null,
      howToEnable: hindrance,
      since: statements[0]?.since ?? null,
      items: statements.map(({ whole: _whole, since: _since, ...shown }) => shown),
    },
    load: {
      ...seen,
      tenants: tenants.slice(0, limit).map((each) => ({ ...each, ...whole(each) })),
      tables: tables.slice(0, limit).map(({ tenants: _count, ...table }) => ({
        ...table,
        ...whole(table),
        largestTenantShare: cut(table.largestTenantShare),
      })),
    },
    warnings: { available: true, howToEnable: null, items: [...planWarnings(indexes, tables)] },
    plans: await reportPlans(db, statements, {
      contexts,
      hindrance: hindrance ?? (surroundings.plansGenerically ? null : tooOld),
      unusable: indexes.unusable,
      tenantId: tenants[0]?.tenantId ?? null,
    }),
  }
}

function hindranceOf({ schema, isLoaded, seesAll }: Surroundings): string | null {
  if (schema === null || !isLoaded) return install
  return seesAll ? null : connect
}

function requestsOf(
  load: TenantLoad | null,
  limit: number,
  names: ReadonlyMap<string, string | null>,
): PerformanceReport['requests'] {
  const tenants = (load?.top(limit) ?? []).map((each) => ({
    tenantId: each.tenantId,
    name: names.get(each.tenantId) ?? null,
    ...shownLoad(each),
  }))
  const since = (load?.since ?? new Date()).toISOString()
  return { since, tenants, forgotten: load?.forgotten ?? 0 }
}

/** The counters of a tenant with the mean. */
export function shownLoad({ requests, failures, totalMs, maxMs }: LoadOfTenant): {
  requests: number
  failures: number
  totalMs: number
  meanMs: number
  maxMs: number
} {
  return { requests, failures, totalMs, meanMs: requests === 0 ? 0 : totalMs / requests, maxMs }
}

/** Estimates as whole numbers. */
function whole(row: { readonly rows: number; readonly bytes: number }): {
  rows: number
  bytes: number
} {
  return { rows: Math.round(row.rows), bytes: Math.round(row.bytes) }
}

function cut(share: number | null): number | null {
  return share === null ? null : Math.min(1, share)
}
