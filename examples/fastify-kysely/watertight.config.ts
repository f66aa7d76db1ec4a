import { defineTenancy } from 'watertight/model'

export default defineTenancy({
  schemas: ['stores'],
  tenantKey: { table: 'stores.tenants', columnByTable: { 'stores.tenants': 'id' } },
  orgUnits: { table: 'stores.units' },
  roles: { prefix: 'stores' },
  tables: {
    'stores.tenants': { scope: 'tenant' },
    'stores.units': { scope: 'tenant' },
    'stores.orders': { scope: 'org' },
  },
})
