import { afterEach, describe, expect, it } from 'vitest'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { diffSnapshots, readCatalog } from '../catalog/index.js'
import { defineTenancy } from '../model/index.js'
import type { Plan } from '../plan/index.js'
import { makePlan, schemasOf } from './index.js'
import { shopSchema, shopTenancy } from './testing/shop.js'

const newest = serverMajors.slice(-1)
const oldest = serverMajors.slice(0, 1)
const rows = `
insert into shop.tenants (id, name) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'acme'), ('bbbbbbbb-0000-4000-8000-000000000000', 'globex');
insert into shop.products (tenant_id, sku, title, cost) select id, name, name, 1 from shop.tenants;
insert into shop.reviews (tenant_id, product_id, body) select tenant_id, id, title from shop.products;
insert into shop.events (tenant_id) select id from shop.tenants;
insert into shop."Odd ""Name" ("Tenant") select id from shop.tenants;
`
const watched = ['tenants', 'products', 'reviews', 'events', 'Odd "Name']

/** In the server: thousands of looks at a table would be as many round trips. */
const seenByFunction = `
create function pg_temp.seen_by(roles text[], watched text[]) returns setof text language plpgsql as $$
declare
  former text := current_setting('role');
  viewer text;
  place text;
  found_rows bigint;
begin
  foreach viewer in array roles loop
    continue when not exists (select from pg_roles r where r.rolname = viewer);
    foreach place in array watched loop
      begin
        perform set_config('role', viewer, true);
        execute format('select 1 from shop.%I limit 1', place);
        get diagnostics found_rows = row_count;
        perform set_config('role', former, true);
        if found_rows <> 0 then
          return next viewer || ' ' || place;
        end if;
      exception when insufficient_privilege then
        -- What a closed table answers; anything else is no answer. The role is as it was.
      end;
    end loop;
  end loop;
end $$`

describe.each([...new Set([...oldest, ...newest])])(
  'every prefix of a plan, on PostgreSQL %i',
  (major) => {
    let database: TestDatabase
    afterEach(() => database.drop())

    async function prepared(): Promise<{
      plan: Plan
      roles: readonly string[]
      schemas: readonly string[]
    }> {
      database = await createTestDatabase({ major })
      await database.admin.query(shopSchema)
      await database.admin.query(rows)
      await database.admin.query(seenByFunction)
      const model = defineTenancy(shopTenancy(database.rolePrefix))
      const roles = ['app', 'worker', 'auditor', 'platform', 'public'].map(
        (role) => `${database.rolePrefix}_${role}`,
      )
      return { plan: await makePlan(database.admin, model), roles, schemas: schemasOf(model) }
    }

    /** Tables of which the roles see rows although nothing says which tenant they act for. */
    async function seenBy(roles: readonly string[]): Promise<readonly string[]> {
      const { rows: seen } = await database.admin.query<{ seen: string }>(
        'select seen from pg_temp.seen_by($1, $2) as seen',
        [roles, watched],
      )
      return seen.map((row) => row.seen)
    }

    it('opens no window: before, between and after its steps no runtime role sees a row', async () => {
      const { plan, roles } = await prepared()
      await database.admin.query('begin')
      for (const step of plan.steps) {
        for (const statement of step.up) await database.admin.query(statement)
        expect({ after: step.id, seen: await seenBy(roles) }).toEqual({ after: step.id, seen: [] })
      }
      await database.admin.query('rollback')
    })

    it('would be seen to open one, if grants came before row level security', async () => {
      const { plan, roles } = await prepared()
      const early = plan.steps.filter(
        ({ id }) => !id.startsWith('row-security:') && !id.startsWith('policy:'),
      )
      await database.admin.query('begin')
      for (const { up } of early) for (const statement of up) await database.admin.query(statement)
      const seen = await seenBy(roles.slice(0, 1))
      await database.admin.query('rollback')
      expect(seen.length).toBeGreaterThan(0)
    })

    it('is undone by its own reverses, wherever the plan stops', async () => {
      const { plan, schemas } = await prepared()
      const { admin } = database
      const before = await readCatalog(admin, { schemas })
      const stops = [1, 5, 20, Math.floor(plan.steps.length / 2), plan.steps.length - 1]
      for (const stop of stops) {
        await admin.query('begin')
        const done = plan.steps.slice(0, stop)
        for (const { up } of done) for (const statement of up) await admin.query(statement)
        for (const { down } of done.toReversed())
          for (const statement of down) await admin.query(statement)
        expect(diffSnapshots(before, await readCatalog(admin, { schemas }))).toEqual([])
        await admin.query('rollback')
      }
    })
  },
)
