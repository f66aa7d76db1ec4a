import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { readCatalog } from '../catalog/index.js'
import type { CatalogSnapshot } from '../catalog/index.js'
import { WatertightError } from '../errors/index.js'
import { defineTenancy } from '../model/index.js'
import type { TenancyInput } from '../model/index.js'
import { bindModel } from './bind-model.js'

const schema = `
create schema evt;
create table evt.tenants (id uuid primary key, name text);
create table evt.events (id uuid primary key, tenant_id uuid not null, org_unit_id uuid not null,
  title text, status text, owner_id bigint);
create table evt.tickets (id uuid primary key, event_id uuid references evt.events,
  spare_event_id uuid references evt.events, seat_id uuid);
create table evt.notes (id uuid primary key, tenant_id character(36) not null);
create table evt.units (id uuid primary key, tenant_id uuid, parent_id uuid);
create view evt.listing as select id from evt.events;
create table evt.log (id uuid, tenant_id uuid, at date) partition by range (at);
create table evt.log_2026 partition of evt.log for values from ('2026-01-01') to ('2027-01-01');
`

type Tables = NonNullable<TenancyInput['tables']>
const event = { 'evt.events': { scope: 'tenant' } } satisfies Tables

const cases: readonly (readonly [string, Tables, readonly string[]])[] = [
  [
    'a table that is not there',
    { 'evt.gone': { scope: 'tenant' } },
    ['tables.evt.gone: no such table'],
  ],
  [
    'a view',
    { 'evt.listing': { scope: 'tenant' } },
    ['tables.evt.listing: is a view, and only tables can be declared'],
  ],
  [
    'a partition',
    { 'evt.log_2026': { scope: 'tenant' } },
    ['tables.evt.log_2026: is a partition; declare the partitioned table instead'],
  ],
  [
    'a table without scope',
    { 'evt.events': {} },
    ['tables.evt.events.scope: is needed to generate the isolation layer'],
  ],
  [
    'a tenant column that is not there',
    { 'evt.events': { scope: 'tenant', tenantColumn: 'org' } },
    ['tables.evt.events.tenantColumn: no such column "org" in evt.events'],
  ],
  [
    'a tenant column in which two keys can become one',
    { 'evt.notes': { scope: 'tenant' } },
    [
      'tables.evt.notes.tenantColumn: column "tenant_id" is character(36), which cannot hold a uuid key faithfully',
    ],
  ],
  [
    'an owner column of another type',
    { 'evt.events': { scope: 'self', userColumn: 'owner_id' } },
    [
      'tables.evt.events.userColumn: column "owner_id" is bigint, which cannot hold a uuid key faithfully',
    ],
  ],
  [
    'published and redacted columns that are not there',
    {
      'evt.events': {
        scope: 'tenant',
        public: { columns: ['id', 'title', 'secret'] },
        auditor: { redact: ['pin'] },
      },
    },
    [
      'tables.evt.events.public.columns[2]: no such column "secret" in evt.events',
      'tables.evt.events.auditor.redact[0]: no such column "pin" in evt.events',
    ],
  ],
  [
    'a publication without columns',
    { 'evt.events': { scope: 'tenant', public: {} } },
    ['tables.evt.events.public.columns: list the columns that anyone may read'],
  ],
  [
    'a parent that two foreign keys lead to',
    {
      ...event,
      'evt.tickets': { scope: 'tenant', through: 'evt.events' },
    },
    [
      'tables.evt.tickets.through: several foreign keys lead to evt.events (tickets_event_id_fkey, tickets_spare_event_id_fkey); name one',
    ],
  ],
  [
    'a parent that no foreign key leads to',
    {
      'evt.tenants': { scope: 'tenant', tenantColumn: 'id' },
      'evt.tickets': { scope: 'tenant', through: 'evt.tenants' },
    },
    ['tables.evt.tickets.through: has no foreign key to evt.tenants'],
  ],
  [
    'a child of a publication that keeps its key to itself',
    {
      'evt.events': { scope: 'tenant', public: { columns: ['title'] } },
      'evt.tickets': {
        scope: 'tenant',
        through: { table: 'evt.events', foreignKey: 'tickets_event_id_fkey' },
        public: {
          through: { table: 'evt.events', foreignKey: 'tickets_event_id_fkey' },
          columns: ['id'],
        },
      },
    },
    [
      'tables.evt.tickets.public.through: evt.events must publish "id", which leads to its children',
    ],
  ],
]

describe('a model that does not fit the database', () => {
  let database: TestDatabase
  let catalog: CatalogSnapshot
  beforeAll(async () => {
    database = await createTestDatabase()
    await database.admin.query(schema)
    catalog = await readCatalog(database.admin, { schemas: ['evt'] })
  })
  afterAll(() => database.drop())

  const problemsOf = (input: Partial<TenancyInput>): readonly string[] => {
    try {
      bindModel(defineTenancy({ schemas: ['evt'], ...input }), catalog, {})
      return []
    } catch (error) {
      if (!(error instanceof WatertightError) || error.code !== 'MODEL_MISMATCH') throw error
      return error.problems.map(({ path, message }) => `${path}: ${message}`)
    }
  }

  it.each(cases)('is refused for %s', (_name, tables, expected) => {
    expect(problemsOf({ tables })).toEqual(expected)
  })

  it('is refused for everything that is wrong with it at once', () => {
    const problems = problemsOf({
      schemas: ['evt', 'nowhere'],
      tenantKey: { table: 'evt.customers' },
      orgUnits: { table: 'evt.units', parentColumn: 'above_id' },
      accessGrants: 'evt.grants',
      tables: {
        'evt.gone': { scope: 'tenant' },
        'evt.events': { scope: 'org', orgColumn: 'unit' },
      },
    })
    expect(problems).toEqual([
      'schemas[1]: no such schema "nowhere"',
      'tenantKey.table: no such table evt.customers',
      'orgUnits: no such column "above_id" in evt.units',
      'accessGrants.table: no such table evt.grants',
      'tables.evt.gone: no such table',
      'tables.evt.events.orgColumn: no such column "unit" in evt.events',
    ])
  })

  it('is refused for org units under a context that carries none', () => {
    const problems = problemsOf({
      orgUnits: { table: 'evt.units' },
      context: { kind: 'jwt-claims', guc: 'request.jwt.claims', tenant: '/org', user: '/sub' },
      tables: { 'evt.events': { scope: 'org' } },
    })
    expect(problems).toEqual([
      'tables.evt.events.scope: needs a context that carries org units, and jwt-claims as declared does not',
    ])
  })
})
