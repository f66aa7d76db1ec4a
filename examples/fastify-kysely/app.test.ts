import { afterAll, beforeAll, expect, it } from 'vitest'
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

const id = (number: number): string => `00000000-0000-7000-8000-00000000000${number}`
const [north, south] = [id(1), id(2)]
/** Of north: a country, its two regions, a branch of the first. Of south: one unit. */
const [country, east, west, branch, elsewhere] = [id(3), id(4), id(5), id(6), id(7)]

let database: ExampleDatabase
let provider: IdentityProvider
let app: Awaited<ReturnType<typeof buildApp>>

beforeAll(async () => {
  database = await createExampleDatabase(new URL('./', import.meta.url), model)
  await database.isolate()
  const { admin } = database
  await admin.query("insert into stores.tenants values ($1, 'north'), ($2, 'south')", [
    north,
    south,
  ])
  await admin.query(
    `insert into stores.units values ($3, $1, null, 'country'), ($4, $1, $3, 'east'),
      ($5, $1, $3, 'west'), ($6, $1, $4, 'branch'), ($7, $2, null, 'elsewhere')`,
    [north, south, country, east, west, branch, elsewhere],
  )
  await admin.query(
    `insert into stores.orders (tenant_id, org_unit_id, product) values
      ($1, $3, 'desk'), ($1, $4, 'chair'), ($1, $5, 'lamp'), ($2, $6, 'sofa')`,
    [north, south, east, branch, west, elsewhere],
  )
  provider = await startIdentityProvider()
  const { signingKey } = database
  const tokens = { issuer, audience, jwks: provider.jwksUrl }
  app = await buildApp({ databaseUrl: database.urlAs('app'), signingKey, ...tokens })
})
afterAll(async () => {
  await app.close()
  await provider.close()
  await database.drop()
})

async function send(tenant: string, unit: string, url: string, payload?: object) {
  const token = await provider.token({ org_id: tenant, unit })
  const headers = { authorization: `Bearer ${token}` }
  const method = payload === undefined ? 'GET' : 'POST'
  return app.inject({ method, url, headers, ...(payload !== undefined && { payload }) })
}

async function products(tenant: string, unit: string): Promise<string[]> {
  const reply = await send(tenant, unit, '/orders')
  return reply.json<{ product: string }[]>().map(({ product }) => product)
}

it('shows a unit the orders of the branches below it, and no tenant those of another', async () => {
  expect(await products(north, country)).toEqual(['desk', 'chair', 'lamp'])
  expect(await products(north, east)).toEqual(['desk', 'chair'])
  expect(await products(north, west)).toEqual(['lamp'])
  expect(await products(south, elsewhere)).toEqual(['sofa'])
  // A unit of somebody else opens nothing.
  expect(await products(south, country)).toEqual([])
})

it('does not know the orders of others by their id', async () => {
  expect((await send(north, west, '/orders/3')).json()).toEqual({ id: '3', product: 'lamp' })
  expect((await send(north, east, '/orders/3')).statusCode).toBe(404)
  expect((await send(south, elsewhere, '/orders/3')).statusCode).toBe(404)
})

it('adds orders below the unit of the caller alone', async () => {
  const add = (unit: string, to: string): Promise<{ statusCode: number }> =>
    send(north, unit, '/orders', { unit: to, product: 'shelf' })
  expect((await add(east, branch)).statusCode).toBe(201)
  expect((await add(west, branch)).statusCode).toBe(403)
  expect((await add(country, elsewhere)).statusCode).toBe(403)
  expect(await products(north, country)).toEqual(['desk', 'chair', 'lamp', 'shelf'])
})

it('answers nobody without a token', async () => {
  expect((await app.inject('/orders')).statusCode).toBe(401)
})
