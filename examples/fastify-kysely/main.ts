import { buildApp } from './app.js'

const { env } = process

const app = await buildApp({
  databaseUrl: env['DATABASE_URL'] ?? '',
  signingKey: env['WATERTIGHT_SIGNING_KEY'] ?? '',
  issuer: env['OIDC_ISSUER'] ?? '',
  audience: env['OIDC_AUDIENCE'] ?? '',
  jwks: env['OIDC_JWKS'] ?? '',
})
await app.listen({ port: Number(env['PORT'] ?? 3000) })
