import { expect, it } from 'vitest'
import { createTestDatabase } from '../../../../../test/database.js'
import type { TestDatabase } from '../../../../../test/database.js'
import { applyPlan, makePlan } from '../../migrate/index.js'
import { defineTenancy } from '../../model/index.js'
import type { TenancyModel } from '../../model/index.js'

const acme = '0195b4f0-0000-7000-8000-00000000000a'
const globex = '0195b4f0-0000-7000-8000-00000000000b'
const [owner, member, both, nobody] = [1, 2, 3, 4].map(
  (each) => `0195b4f0-0000-7000-8000-00000000001${each}`,
)

const schema = `
create schema desk;
create table desk.orgs (id uuid primary key, owner_id uuid);
create table desk.members (org_id uuid not null references desk.orgs, user_id uuid not null, primary key (org_id, user_id));
create table desk.notes (id int primary key, org_id uuid not null references desk.orgs);
insert into desk.orgs values ('${acme}', '${owner}'), ('${globex}', '${both}');
insert into desk.members values ('${globex}', '${member}'), ('${acme}', '${both}');
insert into desk.notes values (1, '${acme}'), (2, '${globex}');`

function modelOf({ rolePrefix }: TestDatabase, column?: string): TenancyModel {
  return defineTenancy({
    schemas: ['desk'],
    tenantKey: { column: 'org_id', table: 'desk.orgs', columnByTable: { 'desk.orgs': 'id' } },
    context: {
      kind: 'membership',
      user: { guc: 'desk.user_id' },
      via: { table: 'desk.members', user: 'user_id', tenant: 'org_id' },
      ...(column !== undefined && { owner: column }),
    },
    roles: { prefix: rolePrefix },
    tables: {
      'desk.orgs': { scope: 'tenant', commands: ['SELECT'] },
      'desk.members': { scope: 'tenant', commands: ['SELECT'] },
      'desk.notes': { scope: 'tenant' },
    },
  })
}

it('lets whom the row of a tenant names in the declared column into that tenant, beside its members', async () => {
  const database = await createTestDatabase()
  try {
    const { admin } = database
    const seen = async (): Promise<readonly (readonly number[])[]> => {
      const found: number[][] = []
      const app = await database.connect(`${database.rolePrefix}_app`)
      for (const user of [owner, member, both, nobody, '']) {
        await app.query('begin')
        await app.query(`select set_config('desk.user_id', $1, true)`, [user])
        const { rows } = await app.query<{ id: number }>('select id from desk.notes order by id')
        await app.query('rollback')
        found.push(rows.map(({ id }) => id))
      }
      await app.end()
      return found
    }
    const allow = ['WIDENS_ACCESS', 'DROPS_POLICY'] as const
    await admin.query(schema)
    await applyPlan(admin, await makePlan(admin, modelOf(database)), { allow })
    expect(await seen()).toEqual([[], [2], [1], [], []])
    const model = modelOf(database, 'owner_id')
    await applyPlan(admin, await makePlan(admin, model), { allow })
    expect(await seen()).toEqual([[1], [2], [1, 2], [], []])
    expect((await makePlan(admin, model)).steps).toEqual([])
    await expect(makePlan(admin, modelOf(database, 'founder'))).rejects.toMatchObject({
      code: 'MODEL_MISMATCH',
      message: expect.stringContaining('no such column "founder" in desk.orgs'),
    })
  } finally {
    await database.drop()
  }
})
