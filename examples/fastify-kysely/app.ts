import { fastify } from 'fastify'
import type { FastifyInstance } from 'fastify'
import { Kysely } from 'kysely'
import type { Generated } from 'kysely'
import pg from 'pg'
import { tenancy } from 'watertight/fastify'
import { createHttpTenancy, createTokenVerifier } from 'watertight/http'
import { TenantDialect, tenancyErrorOf, tenantPredicatePlugin } from 'watertight/kysely'
import { pgDriver } from 'watertight/pg'
import { createTxManager, parseSigningKey } from 'watertight/runtime'
import model from './watertight.config.js'

interface Database {
  'stores.orders': {
    id: Generated<string>
    tenant_id: Generated<string>
    org_unit_id: string
    product: string
  }
}

export interface Settings {
  /** URL of the application's role; row level security holds it. */
  readonly databaseUrl: string
  /** What `WATERTIGHT_SIGNING_KEY` holds. */
  readonly signingKey: string
  readonly issuer: string
  readonly audience: string
  readonly jwks: string
}

/**
 * An API for the orders of stores. The token names tenant, user and unit: a caller works on the
 * branches below its unit, and on no others.
 */
export async function buildApp(settings: Settings): Promise<FastifyInstance> {
  const pool = new pg.Pool({ connectionString: settings.databaseUrl })
  const tx = createTxManager({
    pools: { app: pgDriver(pool) },
    signingKey: parseSigningKey(settings.signingKey),
  })
  // Refuses a role that could see past row level security.
  await tx.start()
  const http = createHttpTenancy({
    tx,
    verifier: createTokenVerifier(settings),
    keyTypes: { user: 'text' },
    claims: { tenant: '/org_id', orgScope: () => 'subtree', orgUnit: '/unit' },
  })
  const db = new Kysely<Database>({
    dialect: new TenantDialect(tx),
    plugins: [tenantPredicatePlugin(model)],
  })

  const app = fastify()
  await app.register(tenancy, { http })
  app.addHook('onClose', async () => {
    await tx.close()
    await pool.end()
  })

  // No condition on tenant or unit: the database knows whose request it is.
  app.get('/orders', () =>
    db.selectFrom('stores.orders').select(['id', 'product']).orderBy('id').execute(),
  )

  app.get<{ Params: { id: string } }>('/orders/:id', async ({ params }, reply) => {
    const order = await db
      .selectFrom('stores.orders')
      .select(['id', 'product'])
      .where('id', '=', params.id)
      .executeTakeFirst()
    return order ?? reply.code(404).send()
  })

  // Into a unit of another region, or of another tenant: 403, decided by the policy.
  app.post<{ Body: { unit: string; product: string } }>('/orders', async ({ body }, reply) => {
    const added = await db
      .insertInto('stores.orders')
      .values({ org_unit_id: body.unit, product: body.product })
      .returning(['id', 'product'])
      .executeTakeFirstOrThrow()
      .catch((error: unknown) => {
        // Kysely throws what the driver says; behind it is what it means here.
        throw tenancyErrorOf(error) ?? error
      })
    return reply.code(201).send(added)
  })
  return app
}
