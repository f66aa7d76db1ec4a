import pg from 'pg'
import { pgDriver } from 'watertight/pg'
import { createTxManager, parseSigningKey } from 'watertight/runtime'
import { buildApp } from './app.js'

const { env } = process

const pool = new pg.Pool({ connectionString: env['DATABASE_URL'] })
const tx = createTxManager({
  pools: { app: pgDriver(pool) },
  signingKey: parseSigningKey(env['WATERTIGHT_SIGNING_KEY']),
})
await tx.start()
const members = new Set((env['MEMBERS'] ?? '').split(','))
const app = buildApp({
  tx,
  issuer: env['OIDC_ISSUER'] ?? '',
  audience: env['OIDC_AUDIENCE'] ?? '',
  jwks: env['OIDC_JWKS'] ?? '',
  isMember: (tenantId, userId) => Promise.resolve(members.has(`${userId}@${tenantId}`)),
})
app.listen(Number(env['PORT'] ?? 3000))
