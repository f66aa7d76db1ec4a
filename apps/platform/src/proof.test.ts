import { afterAll, beforeAll, expect, it } from 'vitest'
import { check } from '@watertight/verifier'
import type { CheckResult } from '@watertight/verifier'
import { readCatalog } from 'watertight/catalog'
import { canonicaliseConditions } from 'watertight/migrate'
import { generatedLayer } from 'watertight/plan'
import { createPlatformDatabase } from '../test/platform-database.js'
import type { PlatformDatabase } from '../test/platform-database.js'

let platform: PlatformDatabase
let result: CheckResult

beforeAll(async () => {
  platform = await createPlatformDatabase()
  const { admin, model } = platform
  const catalog = await readCatalog(admin, { schemas: 'all' })
  const generated = generatedLayer(model, catalog, await canonicaliseConditions(admin, model))
  result = await check(admin, { model, catalog, generated, live: false, now: () => new Date() })
}, 600_000)
afterAll(() => platform.drop())

it('proves every cell of the platform with the solver, and none by the look of the layer', () => {
  const open = result.coverage
    .filter(({ verdict, by }) => verdict === 'unknown' || (verdict === 'proven' && by === 'lint'))
    .map(({ object, role, command, reason }) => `${role} ${command} ${object}: ${reason}`)
  expect(open).toEqual([])
  expect(result.summary).toMatchObject({ leak: 0, unknown: 0, provenByLayer: 0 })
  expect(result.summary.proven).toBeGreaterThan(300)
})

it('says what the proofs rest on, each assumption once', () => {
  const texts = result.assumptions.map(({ text }) => text)
  expect(new Set(texts).size).toBe(texts.length)
  expect(texts).toEqual(
    expect.arrayContaining([
      'signing keys are known to the application server and the owner role only',
      'core.memberships decides which users share a tenant',
      'core.org_units decides which org units a scope covers',
    ]),
  )
})
