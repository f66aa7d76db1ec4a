import postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { postgresJsDriver } from 'watertight/postgres'
import type { Driver } from 'watertight/runtime'
import type { TestDatabase } from '../../../../test/database.js'
import { createTestDatabase } from '../../../../test/database.js'
import type { Fault, FaultProxy } from '../../../../test/fault-proxy.js'
import { startFaultProxy } from '../../../../test/fault-proxy.js'

let database: TestDatabase
let proxy: FaultProxy
beforeAll(async () => {
  database = await createTestDatabase()
  proxy = await startFaultProxy(database.url)
})
afterAll(async () => {
  await proxy.close()
  await database.drop()
})

async function outcome(driver: Driver): Promise<string> {
  const session = await driver.acquire().catch(() => null)
  if (session === null) return 'no connection'
  const { kind } = await session.flight([{ text: 'select array[1, 2] as many', values: [] }])
  session.release(kind === 'lost')
  return kind
}

// A rejection that nobody handles would end the process, and this test.
it.each<[string, Fault]>([
  ['start-up', { from: 'client', message: '', kind: 'eof' }],
  ['start-up', { from: 'client', message: '', kind: 'reset' }],
  ['the answer to start-up', { from: 'server', message: 'R', kind: 'eof' }],
  ['the query for types', { from: 'client', message: 'P', kind: 'reset' }],
  ['the query for types', { from: 'client', message: 'S', kind: 'eof' }],
  ['the types', { from: 'server', message: 'D', kind: 'reset' }],
  ['the types', { from: 'server', message: 'D', at: 3, kind: 'partial' }],
  ['the end of the types', { from: 'server', message: 'Z', at: 2, kind: 'eof' }],
])('survives a connection of postgres that breaks at %s: %o', async (_name, fault) => {
  proxy.reset()
  const sql = postgres(proxy.through(database.url), { max: 1 })
  const driver = postgresJsDriver(sql)
  proxy.arm(fault)
  const outcomes = [await outcome(driver), await outcome(driver), await outcome(driver)]
  expect(proxy.struck).toBe(1)
  expect(['no connection', 'lost']).toContain(outcomes[0])
  expect(outcomes[2]).toBe('landed')
  await driver.end({ timeout: 1 })
})
