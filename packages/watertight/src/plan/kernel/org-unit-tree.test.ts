import fc from 'fast-check'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ids, openAttackedShop } from '../../../../../test/attacked-shop.js'
import type { AttackedShop } from '../../../../../test/attacked-shop.js'
import { serverMajors } from '../../../../../test/database.js'

const unitCount = 14

/** What a row of org units says: whose it is, and the number of its parent, which may be any of them. */
interface Unit {
  readonly tenant: 'acme' | 'globex'
  readonly parent: number | null
}

const unitId = (number: number): string =>
  `cccccccc-0000-4000-8000-${String(number).padStart(12, '0')}`

const unit = fc.record({
  tenant: fc.constantFrom('acme' as const, 'acme' as const, 'acme' as const, 'globex' as const),
  parent: fc.option(fc.nat(unitCount - 1), { freq: 6 }),
})

/** The units of acme below one of them and itself, by following parents. */
function subtreeOf(root: number, units: readonly Unit[]): readonly string[] {
  const found = new Set(units[root]?.tenant === 'acme' ? [root] : [])
  for (const reached of found) {
    units.forEach(({ tenant, parent }, number) => {
      if (tenant === 'acme' && parent === reached) found.add(number)
    })
  }
  return [...found].map(unitId).sort()
}

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  let shop: AttackedShop
  let client: pg.Client
  beforeAll(async () => {
    shop = await openAttackedShop(major)
    client = await shop.as('app')
    // A table whose parents need not be of the same tenant, or lead anywhere.
    await shop.admin.query(`
      do $$ declare each record; begin
        for each in select conname from pg_constraint where conrelid = 'shop.org_units'::regclass and contype = 'f' loop
          execute format('alter table shop.org_units drop constraint %I', each.conname);
        end loop;
      end $$`)
  })
  afterAll(() => shop.drop())

  async function store(units: readonly Unit[]): Promise<void> {
    await shop.admin.query(`delete from shop.org_units where id::text like 'cccccccc-%'`)
    await shop.admin.query(
      `insert into shop.org_units (id, tenant_id, parent_id, name)
         select id, tenant, parent, 'unit' from unnest($1::uuid[], $2::uuid[], $3::uuid[]) each(id, tenant, parent)`,
      [
        units.map((_, number) => unitId(number)),
        units.map(({ tenant }) => ids[tenant]),
        units.map(({ parent }) => (parent === null ? null : unitId(parent))),
      ],
    )
  }

  async function unitsInScope(root: number): Promise<readonly string[]> {
    await client.query('begin')
    await client.query(`select set_config('watertight.context', $1, true)`, [
      shop.token('app', { o: 'subtree', ou: unitId(root) }),
    ])
    const { rows } = await client.query<{ id: string }>(
      'select id from unnest(watertight.org_unit_ids()) id order by id',
    )
    await client.query('rollback')
    return rows.map(({ id }) => id)
  }

  it('covers a unit and all below it, of the own tenant, wherever the parents lead', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(unit, { minLength: unitCount, maxLength: unitCount }),
        fc.nat(unitCount - 1),
        async (units, root) => {
          await store(units)
          const found = new Set(await unitsInScope(root))
          expect([...found].sort()).toEqual(subtreeOf(root, units))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('comes to an end where parents go round in circles', async () => {
    const circle = (length: number, from: number): readonly Unit[] =>
      Array.from({ length }, (_, i) => ({ tenant: 'acme', parent: from + ((i + 1) % length) }))
    const units = [...circle(5, 0), ...circle(3, 5), { tenant: 'acme', parent: 1 } as const]
    await store(units)
    for (const root of [0, 4, 6, 8]) {
      expect([...new Set(await unitsInScope(root))].sort()).toEqual(subtreeOf(root, units))
    }
  })
})
