import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import type { HttpTenancy } from 'watertight/http'
import { parseTenantContext } from 'watertight/runtime'
import type { TenantContextInput } from 'watertight/runtime'

const nobody = '00000000-0000-0000-0000-000000000000'

/** A context of every mode that reaches no row of anybody; each mode has a pool of its own. */
const probes: readonly TenantContextInput[] = [
  { mode: 'member', tenantId: nobody, userId: nobody },
  { mode: 'worker', tenantId: nobody },
  { mode: 'auditor', tenantId: nobody, userId: nobody, accessGrantId: nobody },
  { mode: 'platform', userId: nobody },
  { mode: 'public' },
]

/**
 * Routes of who runs the server, outside of tenancy: `/healthz` (the process answers), `/readyz`
 * (every pool reaches the database, as a role that has passed the boot check, and the server is not
 * about to stop) and `/metrics` (Prometheus; no tenant, user or address is a label).
 */
export function addOperations(
  app: FastifyInstance,
  { tx }: HttpTenancy,
  isDraining: () => boolean = () => false,
): void {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  app.addHook('onResponse', async (request, reply) => {
    // The pattern of the route and never the path: ids would be labels without end.
    const route = request.routeOptions.url ?? 'unknown'
    const status = String(reply.statusCode)
    duration.observe({ method: request.method, route, status }, reply.elapsedTime / 1000)
  })
  app.addHook('onClose', async () => {
    registry.clear()
  })
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    if (isDraining()) return reply.code(503).send({ status: 'stopping' })
    const asked = await Promise.allSettled(probes.map((probe) => reach(tx, probe)))
    const failing = asked.flatMap(({ status }, index) =>
      status === 'fulfilled' ? [] : [probes[index]?.mode],
    )
    if (failing.length === 0) return { status: 'ok' }
    return reply.code(503).header('retry-after', '2').send({ status: 'unavailable', failing })
  })
  app.get('/metrics', async (_request, reply) => {
    reply.type(registry.contentType)
    return registry.metrics()
  })
}

async function reach(tx: HttpTenancy['tx'], probe: TenantContextInput): Promise<void> {
  const signal = AbortSignal.timeout(3000)
  await tx.as(parseTenantContext(probe)).query('select 1', [], { signal })
}
