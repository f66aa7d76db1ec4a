import { defineTenancy } from 'watertight'

export default defineTenancy({
  schemas: ['public'],
  tenantKey: {
    column: 'organisation_id',
    table: 'public.organisations',
    columnByTable: { 'public.organisations': 'id' },
  },
  // Teams are a tree: lists of a team are seen by those whose org scope covers it.
  orgUnits: { table: 'public.teams', column: 'team_id', parentColumn: 'parent_id' },
  context: { kind: 'signed' },
  roles: { prefix: 'app' },
  tables: {
    'public.audit_log': { scope: 'tenant', appendOnly: true },
    'public.labels': { scope: 'tenant' },
    'public.memberships': { scope: 'tenant' },
    'public.organisations': { scope: 'tenant' },
    'public.teams': { scope: 'tenant' },
    'public.todo_lists': {
      scope: 'org',
      public: { where: 'is_published', columns: ['id', 'title'] },
    },
    'public.todos': { scope: 'org', through: 'public.todo_lists' },
    'public.users': {
      scope: 'self',
      userColumn: 'id',
      sharedThrough: { table: 'public.memberships' },
    },
    'public.countries': { scope: 'global' },
  },
})
