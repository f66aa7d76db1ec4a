import { expect, it } from 'vitest'
import { WatertightError } from '../errors/index.js'
import { parseModel } from './index.js'

/** Title, declaration, and each problem as `path: message`. */
type Case = readonly [title: string, input: unknown, problems: readonly string[]]

function problemsOf(input: unknown): readonly string[] {
  try {
    parseModel(input)
  } catch (error) {
    if (!(error instanceof WatertightError) || error.code !== 'INVALID_MODEL') throw error
    return error.problems.map(({ path, message }) => `${path}: ${message}`)
  }
  throw new Error('the declaration was accepted')
}

const shop = {
  schemas: ['shop', 'core'],
  orgUnits: { table: 'core.org_units' },
  accessGrants: 'core.access_grants',
}

function withTable(table: unknown, more: object = {}): unknown {
  return { ...shop, ...more, tables: { 'shop.orders': table } }
}

const tableCases: readonly Case[] = [
  [
    'tables without a schema, or twice',
    { schemas: ['a'], tables: { 'b.x': {}, orders: {}, 'a."x"': {}, 'a.x': {}, 'a. y': {} } },
    [
      'tables.orders: expected schema.table, got "orders"; put a part that holds a dot, space or quote in double quotes',
      'tables.a.x: declares a.x a second time',
      'tables["a. y"]: expected schema.table, got "a. y"; put a part that holds a dot, space or quote in double quotes',
    ],
  ],
  [
    'unknown scope and wrong types',
    withTable({
      scope: 'tennant',
      appendOnly: 'yes',
      auditor: 'yes',
      commands: ['select', 'Merge'],
    }),
    [
      'tables.shop.orders.appendOnly: expected true or false, got "yes"',
      'tables.shop.orders.commands[1]: expected "SELECT", "INSERT", "UPDATE" or "DELETE", got "Merge"',
      'tables.shop.orders.scope: expected "global", "tenant", "org" or "self", got "tennant"; did you mean "tenant"?',
      'tables.shop.orders.auditor: expected an object, got "yes"',
    ],
  ],
  [
    'a public projection of nothing, or of a column twice',
    {
      ...shop,
      tables: {
        'shop.a': { public: { columns: [] } },
        'shop.b': { public: { columns: ['id', 'name', 'id', 3], where: '' } },
      },
    },
    [
      'tables.shop.a.public.columns: expected at least one entry',
      'tables.shop.b.public.where: expected a non-empty string',
      'tables.shop.b.public.columns[2]: "id" repeats [0]',
      'tables.shop.b.public.columns[3]: expected a name, got 3',
    ],
  ],
  [
    'org scope without org units',
    { schemas: ['a'], tables: { 'a.x': { scope: 'org' }, 'a.y': { orgColumn: 'unit' } } },
    [
      'tables.a.x.scope: scope "org" needs `orgUnits` to be declared',
      'tables.a.y.orgColumn: needs `orgUnits` to be declared',
    ],
  ],
  [
    'self scope without the owner of a row',
    withTable({ scope: 'self' }),
    ['tables.shop.orders.userColumn: scope "self" needs the column that holds the row\'s user'],
  ],
  [
    'self scope under a context that names no user',
    withTable({ scope: 'self', userColumn: 'id' }, { context: { kind: 'guc', tenant: 'app.t' } }),
    ['tables.shop.orders.scope: scope "self" needs `context.user`, or no row belongs to anyone'],
  ],
  [
    'owner columns on a table that is not owned by users',
    withTable({ scope: 'tenant', userColumn: 'id', sharedThrough: { table: 'core.members' } }),
    [
      'tables.shop.orders.userColumn: is only for scope "self"',
      'tables.shop.orders.sharedThrough: is only for scope "self"',
    ],
  ],
  [
    'own rows of nobody, of two, or where nobody shares a table',
    {
      ...shop,
      tables: {
        'shop.a': { scope: 'tenant', ownRows: {} },
        'shop.b': { scope: 'org', ownRows: { userColumn: 'u', through: 'shop.d', unless: 'x' } },
        'shop.c': { scope: 'self', userColumn: 'id', ownRows: { userColumn: 'u' } },
        'shop.d': { scope: 'tenant' },
        'shop.e': { scope: 'tenant', ownRows: { userColumn: 'u', unless: "it's" } },
        'shop.f': { scope: 'tenant', ownRows: { through: 'shop.g' } },
        'shop.g': { scope: 'tenant', ownRows: { through: 'shop.f' } },
      },
    },
    [
      'tables.shop.e.ownRows.unless: expected a capability such as "orders.supervise", got "it\'s"',
      "tables.shop.a.ownRows: needs the column of the row's user or the parent that has it: one of the two",
      "tables.shop.b.ownRows: needs the column of the row's user or the parent that has it: one of the two",
      'tables.shop.b.ownRows.unless: cannot be given together with `through`: the parent decides',
      'tables.shop.c.ownRows: is only for the scopes "tenant" and "org", and the table has scope "self"',
      'tables.shop.b.ownRows.through: shop.d has no `ownRows` to take over',
      'tables.shop.f.ownRows.through: goes round in a circle: shop.f → shop.g → shop.f',
    ],
  ],
  [
    'own rows under a context without a user, and a capability under one that has none',
    {
      schemas: ['shop'],
      context: { kind: 'guc', tenant: 'app.t' },
      tables: { 'shop.a': { scope: 'tenant', ownRows: { userColumn: 'u', unless: 'a.b' } } },
    },
    [
      'tables.shop.a.ownRows: needs `context.user`, or no row belongs to anyone',
      'tables.shop.a.ownRows.unless: needs a signed context: others carry no capabilities',
    ],
  ],
  [
    'key columns that contradict the scope',
    {
      ...shop,
      tables: {
        'shop.a': { scope: 'global', tenantColumn: 't', through: 'shop.b' },
        'shop.b': { scope: 'tenant', orgColumn: 'unit' },
      },
    },
    [
      'tables.shop.a.tenantColumn: contradicts scope "global": such a table belongs to no tenant',
      'tables.shop.a.through: contradicts scope "global": such a table belongs to no tenant',
      'tables.shop.a.tenantColumn: cannot be given together with `through`: the parent decides',
      'tables.shop.b.orgColumn: is only for scope "org"',
    ],
  ],
  [
    'a tenant both through a parent and in a column',
    {
      ...shop,
      tenantKey: { columnByTable: { 'shop.lines': 'owner' } },
      tables: { 'shop.orders': { scope: 'tenant' }, 'shop.lines': { through: 'shop.orders' } },
    },
    [
      'tables.shop.lines.through: cannot be given for a table that `tenantKey.columnByTable` names a column of',
    ],
  ],
  [
    'an append-only table that grants changes',
    withTable({ appendOnly: true, commands: ['insert', 'update', 'DELETE'] }),
    [
      'tables.shop.orders.commands: UPDATE contradicts `appendOnly`',
      'tables.shop.orders.commands: DELETE contradicts `appendOnly`',
    ],
  ],
  [
    'an append-only table that grants changes to jobs',
    withTable({ appendOnly: true, workerCommands: ['insert', 'DELETE'] }),
    ['tables.shop.orders.workerCommands: DELETE contradicts `appendOnly`'],
  ],
  [
    'commands of jobs on a table that jobs only read',
    withTable({ scope: 'global', workerCommands: ['insert'] }),
    ['tables.shop.orders.workerCommands: contradicts scope "global": jobs only read such a table'],
  ],
  [
    'commands of jobs where no role runs jobs',
    withTable({ scope: 'tenant', workerCommands: ['select'] }, { roles: { app: 'acme_app' } }),
    ['tables.shop.orders.workerCommands: needs a role to run them: `roles.worker` is not declared'],
  ],
  [
    'access for roles that do not exist',
    withTable({ public: {}, auditor: { redact: [] } }, { roles: { app: 'acme_app' } }),
    [
      'tables.shop.orders.public: needs a role to read it: `roles.public` is not declared',
      'tables.shop.orders.auditor: needs a role to read it: `roles.auditor` is not declared',
    ],
  ],
  [
    'parents that are not declared, global, or not public',
    {
      ...shop,
      tables: {
        'shop.plans': { scope: 'global' },
        'shop.a': { through: 'shop.missing' },
        'shop.b': { through: { table: 'shop.plans', foreignKey: 'b_plan_fkey' } },
        'shop.c': { public: { through: 'shop.plans' } },
        'shop.d': { through: 'hr.people' },
        'shop.e': { through: { table: 'shop.plans' } },
      },
    },
    [
      'tables.shop.e.through.foreignKey: is required',
      'tables.shop.a.through: shop.missing is not declared in `tables`',
      'tables.shop.b.through: shop.plans has scope "global" and so no tenant to take over',
      'tables.shop.d.through: hr.people is not declared in `tables`',
      'tables.shop.e.through: shop.plans has scope "global" and so no tenant to take over',
      'tables.shop.c.public.through: shop.plans is not declared public itself',
    ],
  ],
  [
    'parents in a circle, once per circle and not for those who lead into it',
    {
      ...shop,
      tables: {
        'shop.into': { through: 'shop.a' },
        'shop.a': { through: 'shop.b' },
        'shop.b': { through: 'shop.c' },
        'shop.c': { through: 'shop.a' },
        'shop.own': { through: 'shop.own', public: { through: 'shop.own' } },
      },
    },
    [
      'tables.shop.a.through: goes round in a circle: shop.a → shop.b → shop.c → shop.a',
      'tables.shop.own.through: goes round in a circle: shop.own → shop.own',
      'tables.shop.own.public.through: goes round in a circle: shop.own → shop.own',
    ],
  ],
]

it.each(tableCases)('rejects %s', (_title, input, expected) => {
  expect(problemsOf(input)).toEqual(expected)
})
