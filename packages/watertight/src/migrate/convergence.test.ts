import { afterEach, describe, expect, it } from 'vitest'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { diffSnapshots, readCatalog } from '../catalog/index.js'
import { defineTenancy } from '../model/index.js'
import type { TenancyInput } from '../model/index.js'
import { applyPlan, makePlan, rollbackPlan, schemasOf } from './index.js'
import { shopSchema, shopTenancy } from './testing/shop.js'

const allow = ['WIDENS_ACCESS', 'DISABLES_RLS', 'DROPS_POLICY', 'GRANTS_BYPASS', 'DELETES_DATA']

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  let database: TestDatabase
  afterEach(() => database.drop())

  const kinds: readonly (readonly [string, Partial<TenancyInput>])[] = [
    ['a signed context', {}],
    ['opt-in keys', { include: ['composite-foreign-keys', 'tenant-unique-keys'] }],
    [
      'plain settings',
      {
        context: {
          kind: 'guc',
          tenant: 'app.tenant_id',
          user: 'app.user_id',
          orgUnits: 'app.units',
        },
      },
    ],
  ]
  it.each(kinds)(
    'a second plan is empty and a rollback leaves no trace, with %s',
    async (_name, extra) => {
      database = await createTestDatabase({ major })
      const { admin, rolePrefix } = database
      await admin.query(shopSchema)
      const model = defineTenancy({ ...shopTenancy(rolePrefix), ...extra })
      const schemas = schemasOf(model)
      const before = await readCatalog(admin, { schemas })

      const plan = await makePlan(admin, model)
      expect(plan.steps.length).toBeGreaterThan(50)
      await applyPlan(admin, plan, { allow })
      const second = await makePlan(admin, model)
      expect(second.steps.map(({ summary }) => summary)).toEqual([])

      await rollbackPlan(admin, { allow })
      expect(diffSnapshots(before, await readCatalog(admin, { schemas }))).toEqual([])
    },
  )
})
