import fc from 'fast-check'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimsOf, keys, openAttackedShop } from '../../../../../test/attacked-shop.js'
import type { AttackedShop } from '../../../../../test/attacked-shop.js'
import { tokenOf } from '../../../../../test/context-forgery.js'
import { serverMajors } from '../../../../../test/database.js'
import { mutatedContexts } from '../../../../../test/mutated-contexts.js'
import { createFunction } from './function-shape.js'
import { signedFunctions } from './signed-functions.js'

/** Set FUZZ_SEED to repeat a run. */
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
const wanted = 10_000

/** Numbers of the tokens that open anything or cause an error, found in one statement. */
const tryAll = `
create function pg_temp.accepted(tokens text[]) returns setof int language plpgsql as $$
begin
  for n in 1..cardinality(tokens) loop
    perform set_config('watertight.context', tokens[n], true);
    begin
      if watertight.mode() is not null or exists (select from shop.products) or exists (select from shop.users) then
        return next n - 1;
      end if;
    exception when others then return next n - 1;
    end;
  end loop;
end $$`

async function accepted(client: pg.Client, tokens: readonly string[]): Promise<readonly string[]> {
  await client.query('begin')
  await client.query(tryAll)
  const { rows } = await client.query<{ n: number }>('select n from pg_temp.accepted($1) n', [
    tokens,
  ])
  await client.query('rollback')
  return rows.map(({ n }) => tokens[n] ?? '')
}

describe.each(serverMajors)(`on PostgreSQL %i, from seed ${seed}`, (major) => {
  let shop: AttackedShop
  beforeAll(async () => {
    shop = await openAttackedShop(major)
  })
  afterAll(() => shop.drop())

  const honestTokens = (): readonly string[] =>
    (['acme', 'globex'] as const).flatMap((tenant) =>
      [keys.current, keys.second].map((key) => tokenOf(claimsOf('app', tenant), key)),
    )

  it(`of ${wanted} mutated contexts of two tenants none is accepted, and every honest one is`, async () => {
    const honest = honestTokens()
    const drawn = fc.sample(mutatedContexts(honest), { seed, numRuns: wanted * 1.2 })
    const mutated = drawn.filter((token) => !honest.includes(token))
    expect(mutated.length).toBeGreaterThanOrEqual(wanted)
    const tokens = [...mutated, ...honest]
    expect(new Set(mutated).size).toBeGreaterThan(wanted * 0.8)
    expect(await accepted(await shop.as('app'), tokens)).toEqual(honest)
  })

  it('the same search finds the way in once the MAC is not compared in full', async () => {
    const honest = honestTokens()
    const drawn = fc.sample(mutatedContexts(honest), { seed, numRuns: 500 })
    for (const shape of signedFunctions(shop.model, 'uuid')) {
      const full =
        /sha256\(substring\(bytes for 64\)\) = sha256\(convert_to\((encode.*?'hex'\)), 'UTF8'\)\)/s
      const weak = shape.body.text.replace(full, `left(token, 2) = left($1, 2)`)
      expect(weak).not.toBe(shape.body.text)
      await shop.admin.query(createFunction({ ...shape, body: { ...shape.body, text: weak } }).text)
    }
    const found = await accepted(await shop.as('app'), drawn)
    expect(found.filter((token) => !honest.includes(token))).not.toEqual([])
  })
})
