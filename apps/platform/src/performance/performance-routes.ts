import { z } from 'zod'
import { ApiProblem } from '../api/api-problem.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { ownLoad, performanceReport } from './performance-schema.js'
import { reportPerformance, shownLoad } from './report-performance.js'

/** How the database serves its tenants: for platform staff, and each tenant's own share. */
export const performanceRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/platform/performance',
    id: 'getPerformance',
    summary: 'Load by tenant, slow statements, their plans, and warnings about plans',
    tag: 'platform',
    access: { kind: 'platform' },
    input: {
      query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(25) }),
    },
    reply: { status: 200, schema: performanceReport, description: 'The performance page' },
    handle: ({ services, query: { limit } }) => {
      const load = services?.load ?? null
      const diagnostics = services?.diagnostics
      if (diagnostics === undefined) return reportPerformance(null, load, limit)
      return diagnostics.read((db) => reportPerformance(db, load, limit, diagnostics.contexts))
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/performance',
    id: 'getOwnLoad',
    summary: 'Requests that this server has answered for the tenant since it started',
    tag: 'isolation',
    access: { kind: 'tenant', capability: 'performance.read' },
    input: {},
    reply: { status: 200, schema: ownLoad, description: 'The load of the tenant' },
    handle: ({ services, context }) => {
      const load = services?.load
      if (load === undefined) throw new ApiProblem('NOT_CONFIGURED', 'this server counts nothing')
      const own = shownLoad(load.of(context.tenantId ?? ''))
      return Promise.resolve({ ...own, since: load.since.toISOString() })
    },
  }),
]
