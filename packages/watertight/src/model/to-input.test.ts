import { expect, it } from 'vitest'
import type { TenancyInput } from './index.js'
import { parseModel, toInput } from './index.js'

const declarations: readonly (readonly [title: string, input: TenancyInput])[] = [
  ['the shortest', { schemas: ['public'] }],
  ['a prefix', { roles: { prefix: 'acme' }, schemas: ['public'] }],
  ['a prefix with exceptions', { roles: { prefix: 'acme', worker: null }, schemas: ['public'] }],
  ['roles one by one', { roles: { owner: 'o', app: 'a' }, schemas: ['public'] }],
  [
    'a whole product',
    {
      tenantKey: {
        type: 'bigint',
        table: 'core.tenants',
        activeWhere: "status = 'active'",
        columnByTable: { 'core.tenants': 'id' },
      },
      userKey: { type: 'text' },
      orgUnits: { table: 'core.org_units', tenantColumn: 'account' },
      accessGrants: { table: 'core.grants', granteeColumn: 'who' },
      schemas: ['core', 'evt'],
      tables: {
        'core.plans': { scope: 'global', commands: ['SELECT'] },
        'core.users': {
          scope: 'self',
          userColumn: 'id',
          sharedThrough: { table: 'core.members', userColumn: 'member' },
        },
        'evt.events': {
          scope: 'org',
          public: { where: "state = 'published'", columns: ['id', 'title'] },
          auditor: { redact: ['title'] },
        },
        'evt."odd.sessions"': {
          scope: 'org',
          through: { table: 'evt.events', foreignKey: 'sessions_event_fkey' },
          public: { columns: ['id'], through: 'evt.events' },
          auditor: true,
        },
        'evt.log': { scope: 'tenant', appendOnly: true },
        'evt.tasks': { scope: 'tenant', ownRows: { userColumn: 'who', unless: 'tasks.supervise' } },
        'evt.steps': {
          scope: 'tenant',
          ownRows: { through: { table: 'evt.tasks', foreignKey: 'steps_task_fkey' } },
        },
        'evt.parts': { scope: 'org', ownRows: { through: 'evt.steps' } },
        'evt.runs': { scope: 'tenant', commands: ['SELECT'], workerCommands: ['SELECT', 'INSERT'] },
        'evt.seen': { scope: 'tenant', appendOnly: true, workerCommands: ['SELECT'] },
      },
      include: ['tenant-unique-keys'],
      accept: [{ key: 'k', reason: 'known', until: '2027-01-01' }],
    },
  ],
  [
    'a membership',
    {
      context: {
        kind: 'membership',
        user: { guc: 'request.jwt.claims', claim: '/sub' },
        via: { table: 'public.members', user: 'user_id', tenant: 'org_id', where: 'active' },
      },
      schemas: ['public'],
    },
  ],
  [
    'an owner beside members',
    {
      tenantKey: { column: 'org_id', table: 'public.orgs', columnByTable: { 'public.orgs': 'id' } },
      context: {
        kind: 'membership',
        user: { guc: 'app.user_id' },
        via: { table: 'public.members', user: 'user_id', tenant: 'org_id' },
        owner: 'owner_id',
      },
      schemas: ['public'],
    },
  ],
]

it.each(declarations)('prints %s declaration as it was written', (_title, input) => {
  expect(toInput(parseModel(input))).toEqual(input)
})

it('leaves out what is default though it was written', () => {
  const model = parseModel({
    tenantKey: { column: 'tenant_id', type: 'uuid', columnByTable: {} },
    userKey: { type: 'uuid' },
    orgUnits: { table: 'a.units', idColumn: 'id', tenantColumn: 'tenant_id' },
    accessGrants: { table: 'a.grants', idColumn: 'id' },
    context: { kind: 'signed' },
    roles: { prefix: 'watertight', app: 'watertight_app' },
    schemas: ['a'],
    tables: {
      'a.x': {
        appendOnly: false,
        auditor: { redact: [] },
        commands: ['select', 'insert', 'update', 'delete'],
        workerCommands: ['delete', 'insert', 'update', 'select'],
      },
    },
    include: [],
    accept: [],
  })
  expect(toInput(model)).toEqual({
    orgUnits: { table: 'a.units' },
    accessGrants: 'a.grants',
    schemas: ['a'],
    tables: { 'a.x': { auditor: true } },
  })
})
