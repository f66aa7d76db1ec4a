import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CatalogSnapshot } from 'watertight/catalog'
import { contexts, openGeneratedShop } from '../../../../../test/generated-shop.js'
import type { ContextKind, GeneratedShop } from '../../../../../test/generated-shop.js'
import { weakenings } from '../../../test/prove/weakenings.js'
import type { Weakening } from '../../../test/prove/weakenings.js'
import { loadParser } from '../../expr/index.js'
import { decide } from '../decide.js'
import type { Decided } from '../decide.js'
import { properties } from '../registry.js'
import { memoised } from '../solver.js'
import type { Solver } from '../solver.js'
import { subjectOf } from '../subject.js'
import { openZ3 } from '../z3-solver.js'
import type { ClosableSolver } from '../z3-solver.js'

let z3: ClosableSolver
let solver: Solver
beforeAll(async () => {
  await loadParser()
  z3 = await openZ3({ timeoutMs: 60_000 })
  solver = memoised(z3)
})
afterAll(() => z3.close())

async function decided(
  { model }: GeneratedShop,
  catalog: CatalogSnapshot,
  { property: id, table: name, role: kind, command }: Weakening,
): Promise<Decided> {
  const subject = subjectOf(model, catalog)
  const property = properties.find((entry) => entry.id === id)
  const table = subject.tables.get(name)
  const role = model.roles[kind]
  if (property === undefined || table === undefined || role === null) {
    throw new Error(`there is no ${id} of ${name} for ${kind}`)
  }
  const obligation = { table, role, actor: role, command }
  expect(property.appliesTo(obligation, subject)).toBe(true)
  return decide(subject, property, obligation, solver)
}

it('has a file for each property, and a guard whose loss each is seen to notice', () => {
  const files = readdirSync(new URL('.', import.meta.url))
    .filter((name) => !name.endsWith('.test.ts'))
    .map((name) => name.replace(/\.ts$/, ''))
  const registered = properties.map(({ id }) => id).toSorted()
  expect(files.toSorted()).toEqual(registered)
  expect([...new Set(weakenings.map(({ property }) => property))].toSorted()).toEqual(registered)
})

describe.each(Object.keys(contexts) as ContextKind[])('the layer for a %s context', (kind) => {
  let shop: GeneratedShop
  let whole: CatalogSnapshot
  beforeAll(async () => {
    shop = await openGeneratedShop(kind)
    whole = await shop.catalog()
  })
  afterAll(() => shop.database.drop())

  const cases = weakenings.filter(({ context }) => context === kind)
  it.each(cases)('loses $property for the $role role with $guard', async (weakening) => {
    expect(await decided(shop, whole, weakening)).toMatchObject({ verdict: 'proven' })
    const weak = await decided(shop, await shop.altered(weakening.change), weakening)
    expect(weak.verdict).not.toBe('proven')
    expect(weak.reason).not.toContain('contradicts itself')
  })
})
