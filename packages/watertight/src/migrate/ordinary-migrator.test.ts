import type pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { diffSnapshots, readCatalog } from '../catalog/index.js'
import { defineTenancy } from '../model/index.js'
import type { TenancyInput } from '../model/index.js'
import { ident, sql } from '../sql/index.js'
import { applyPlan, makePlan, rollbackPlan } from './index.js'
import { allHazards } from './testing/notes.js'
import { shopSchema, shopTenancy } from './testing/shop.js'

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  let database: TestDatabase
  afterEach(() => database.drop())

  const models: readonly (readonly [string, Partial<TenancyInput>])[] = [
    ['an owner role', {}],
    ['opt-in keys', { include: ['composite-foreign-keys', 'tenant-unique-keys'] }],
    ['itself as the migrator of the model', { roles: { migrator: 'migrator' } }],
    ['itself as the owner of the kernel', { roles: { owner: null } }],
  ]
  it.each(models)(
    'a migrator with CREATEROLE that owns the tables plans, applies and goes back, with %s',
    async (_name, extra) => {
      database = await createTestDatabase({ major })
      const role = `${database.rolePrefix}_migrator_of_mine`
      const migrator = await ordinaryMigrator(role)
      await migrator.query(shopSchema)
      const base = shopTenancy(database.rolePrefix)
      const named = extra.roles?.migrator === undefined ? {} : { migrator: role }
      const roles = { ...base.roles, ...extra.roles, ...named }
      const model = defineTenancy({ ...base, ...extra, roles })
      const schemas = ['shop', 'watertight']
      const before = await readCatalog(migrator, { schemas })

      const plan = await makePlan(migrator, model)
      const allow = allHazards(plan)
      await applyPlan(migrator, plan, { allow })
      const second = await makePlan(migrator, model)
      expect(second.steps.flatMap(({ up }) => up)).toEqual([])

      await rollbackPlan(migrator, { allow })
      expect(diffSnapshots(before, await readCatalog(migrator, { schemas }))).toEqual([])
      await applyPlan(migrator, await makePlan(migrator, model), { allow })
    },
  )

  async function ordinaryMigrator(role: string): Promise<pg.Client> {
    const { admin, name } = database
    await admin.query(sql`create role ${ident(role)} login createrole`.text)
    await admin.query(sql`grant create on database ${ident(name)} to ${ident(role)}`.text)
    return database.connect(role)
  }
})
