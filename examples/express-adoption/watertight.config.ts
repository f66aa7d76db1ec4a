import { defineTenancy } from 'watertight/model'

// What `watertight init migrations` wrote; a person decided that countries are everybody's.
export default defineTenancy({
  schemas: ['public'],
  tenantKey: { table: 'public.tenants', columnByTable: { 'public.tenants': 'id' } },
  context: { kind: 'signed' },
  roles: { prefix: 'crm' },
  tables: {
    'public.calls': { scope: 'tenant', through: 'public.contacts' },
    'public.contacts': { scope: 'tenant' },
    'public.countries': { scope: 'global' },
    'public.tenants': { scope: 'tenant' },
  },
})
