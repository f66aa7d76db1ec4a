import { defineTenancy } from 'watertight/model'

export default defineTenancy({
  schemas: ['reports'],
  tenantKey: { table: 'reports.tenants', columnByTable: { 'reports.tenants': 'id' } },
  roles: { prefix: 'reports' },
  tables: {
    'reports.tenants': { scope: 'tenant' },
    'reports.sales': { scope: 'tenant' },
    'reports.totals': { scope: 'tenant' },
  },
})
