import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pgDriver } from 'watertight/pg'
import { createTxManager, parseSigningKey } from 'watertight/runtime'
import { runCli } from '../../packages/cli/src/testing/run-cli.js'
import type { IdentityProvider } from '../../packages/watertight/test/identity-provider.js'
import {
  audience,
  issuer,
  startIdentityProvider,
} from '../../packages/watertight/test/identity-provider.js'
import type { ExampleDatabase } from '../../test/example-database.js'
import { createExampleDatabase } from '../../test/example-database.js'
import { buildApp } from './app.js'
import model from './watertight.config.js'

const acme = '00000000-0000-7000-8000-00000000000a'
const globex = '00000000-0000-7000-8000-00000000000b'
const unscoped = 'select email from contacts order by email'

let database: ExampleDatabase
let provider: IdentityProvider
let pool: pg.Pool
let server: Server
const members = new Set([`u1@${acme}`, `u1@${globex}`])
let before: unknown
let inferred: string

beforeAll(async () => {
  database = await createExampleDatabase(new URL('./', import.meta.url), model)
  const { admin } = database
  await admin.query("insert into tenants values ($1, 'acme'), ($2, 'globex')", [acme, globex])
  await admin.query("insert into contacts (tenant_id, email) values ($1, 'a@x'), ($2, 'g@x')", [
    acme,
    globex,
  ])
  before = (await admin.query(unscoped)).rows
  inferred = (await runCli(['init', database.url, '--dry-run'], { cwd: '/' })).stdout
  await database.isolate()
  pool = new pg.Pool({ connectionString: database.urlAs('app') })
  provider = await startIdentityProvider()
  const app = buildApp({
    tx: createTxManager({
      pools: { app: pgDriver(pool) },
      signingKey: parseSigningKey(database.signingKey),
    }),
    issuer,
    audience,
    jwks: provider.jwksUrl,
    isMember: (tenantId, userId) => Promise.resolve(members.has(`${userId}@${tenantId}`)),
  })
  server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  await provider.close()
  await pool.end()
  await database.drop()
})

async function send(tenant: string, path: string, body?: object): Promise<[number, unknown]> {
  const { port } = server.address() as AddressInfo
  const token = await provider.token({ org_id: tenant })
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return [reply.status, await reply.json()]
}

it('is inferred from the tables; one of them a person has to decide', () => {
  for (const table of ['calls', 'contacts', 'tenants']) {
    expect(inferred).toMatch(new RegExp(`^ *'public.${table}': \\{ scope: 'tenant'`, 'm'))
  }
  expect(inferred).toContain("// 'public.countries': { scope: 'global' }")
})

it('shows everything to a forgotten WHERE before, and nothing after', async () => {
  expect(before).toEqual([{ email: 'a@x' }, { email: 'g@x' }])
  expect((await pool.query(unscoped)).rows).toEqual([])
})

it('shows each tenant its contacts without a condition', async () => {
  expect(await send(acme, '/contacts')).toEqual([200, [expect.objectContaining({ email: 'a@x' })]])
  expect(await send(globex, '/contacts')).toEqual([
    200,
    [expect.objectContaining({ email: 'g@x' })],
  ])
})

it('lets nobody call the contacts of another tenant', async () => {
  const [, contacts] = await send(acme, '/contacts')
  const [{ id }] = contacts as [{ id: string }]
  const path = `/contacts/${id}/calls`
  expect((await send(globex, path, { note: 'spam' }))[0]).toBe(404)
  expect(await send(acme, path, { note: 'hello' })).toEqual([201, { id: '1', note: 'hello' }])
})

it('lets a member who was removed see nothing from then on', async () => {
  members.delete(`u1@${globex}`)
  expect((await send(globex, '/contacts'))[0]).toBe(404)
})
