import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { ident, sql } from '../sql/index.js'
import type { Queryable } from '../sql/index.js'
import { catalogHash } from './catalog-hash.js'
import { diffSnapshots } from './diff-snapshots.js'
import { rolesReachableFrom } from './reachable-roles.js'
import { readCatalog } from './read-catalog.js'
import type { AclItem, CatalogSnapshot, Relation } from './snapshot.js'
import { findFunctions, findRelation, findRole } from './snapshot-lookup.js'

const all = { schemas: 'all' } as const
const hostile = `Ünï "x'; drop table y;--`
const longest = 'ä'.repeat(31) + 'z'

interface Roles {
  readonly owner: string
  readonly app: string
  readonly reader: string
}

function roleNames({ rolePrefix }: TestDatabase): Roles {
  return { owner: `${rolePrefix}_owner`, app: `${rolePrefix}_App "x"`, reader: `${rolePrefix}_r` }
}

async function createRoles(database: TestDatabase, roles: Roles): Promise<void> {
  const [owner, app, reader] = [ident(roles.owner), ident(roles.app), ident(roles.reader)]
  await database.admin.query(
    sql`create role ${owner}; create role ${reader} noinherit bypassrls; create role ${app} login;
        comment on role ${app} is 'the application';
        grant ${reader} to ${app}; grant ${owner} to ${reader} with admin option;
        grant pg_read_all_data to ${reader}`.text,
  )
}

async function createObjects(database: TestDatabase, roles: Roles): Promise<void> {
  const [owner, app, reader] = [ident(roles.owner), ident(roles.app), ident(roles.reader)]
  const name = ident(database.name)
  await database.admin.query(`
    create schema core;
    grant usage on schema core to ${app.text};
    create type core.plan as enum ('zeta', 'alpha', 'mid');
    create domain core.short as varchar(10) not null;
    create domain core.code as core.short check (value <> '');
    create collation core.loose (provider = icu, locale = 'und', deterministic = false);
    create table core.tenants (id uuid primary key, code core.code, plan core.plan default 'mid');
    create table core.orders (
      tenant_id uuid not null references core.tenants on delete cascade,
      id bigint generated always as identity,
      serial_no serial,
      dropped int,
      amount numeric(10,2) not null check (amount >= 0),
      doubled numeric generated always as (amount * 2) stored,
      label text collate "C" default 'it''s',
      loose text collate core.loose,
      at timestamptz default '2020-01-01 00:00:00+00',
      during tstzrange,
      parent_tenant uuid, parent_id bigint,
      primary key (tenant_id, id),
      constraint parent foreign key (parent_tenant, parent_id) references core.orders (tenant_id, id)
        match full on delete set null deferrable initially deferred,
      constraint partial_null foreign key (tenant_id, parent_id) references core.orders (tenant_id, id)
        on delete set null (parent_id) on update restrict,
      constraint no_overlap exclude using gist (during with &&)
    );
    alter table core.orders drop column dropped;
    comment on table core.orders is 'what was sold';
    create unique index orders_lower on core.orders (tenant_id, lower(label)) include (amount)
      where amount > 0;
    alter table core.orders owner to ${owner.text};
    alter table core.orders enable row level security, force row level security;
    create policy own on core.orders to ${app.text}, ${reader.text}
      using (tenant_id = current_setting('app.tenant', true)::uuid)
      with check (exists (select from core.tenants t where t.id = orders.tenant_id));
    create policy guard on core.orders as restrictive for delete using (false);
    comment on policy guard on core.orders is 'never';
    grant select, insert (tenant_id, amount) on core.orders to ${app.text} with grant option;
    grant update (label) on core.orders to public;

    create table core.events (tenant_id uuid not null, day date not null, body jsonb)
      partition by range (day);
    create index events_tenant on core.events (tenant_id);
    create table core.events_2024 partition of core.events
      for values from ('2024-01-01') to ('2025-01-01');
    create table core.base (id int); create table core.other (id int);
    create table core.child (extra int) inherits (core.other, core.base) with (fillfactor = 70);
    create table core.refers (id int primary key, day date);

    create view core.open_orders with (security_invoker = true, security_barrier) as
      select o.id, t.code from core.orders o join core.tenants t on t.id = o.tenant_id;
    create view core.nested as select id from core.open_orders;
    create materialized view core.totals as select tenant_id, sum(amount) from core.orders group by 1;
    create rule log as on insert to core.base do also insert into core.other values (new.id);

    create function core.audit() returns trigger language plpgsql as 'begin return new; end';
    create trigger audited before insert or update of label on core.orders
      for each row when (new.amount > 10) execute function core.audit();
    alter table core.orders enable always trigger audited;
    create trigger each_event before insert on core.events for each row execute function core.audit();
    create function core.lookup(in tenant uuid, variadic codes text[] default '{}', out found text)
      returns setof text language sql stable strict parallel safe security definer
      set search_path = pg_catalog, pg_temp as $$ select code from core.tenants where id = tenant $$;
    comment on function core.lookup is 'reads as its owner';
    create function core.lookup(n int) returns int immutable leakproof begin atomic select n + 1; end;
    create procedure core.run() language sql as 'select 1';
    revoke execute on function core.lookup(int) from public;
    alter default privileges for role ${owner.text} in schema core grant select on tables to ${app.text};
    alter default privileges for role ${owner.text} revoke execute on functions from public;
    alter role ${app.text} in database ${name.text} set "app.tenant" = 'a=b, c';
    alter role ${reader.text} set search_path = core, public;
    alter database ${name.text} set statement_timeout = '7s';
    create publication filtered for table core.tenants where (id is not null), tables in schema core;
    create publication everything for all tables;

    create schema ${ident(hostile).text};
    create table ${ident(hostile).text}.${ident(longest).text} (${ident(hostile).text} int);
    create policy ${ident(hostile).text} on ${ident(hostile).text}.${ident(longest).text}
      using (${ident(hostile).text} > 0);
    create temporary table not_for_others (id int);
  `)
}

describe.each(serverMajors)('the catalog of PostgreSQL %i', (major) => {
  let database: TestDatabase
  let twin: TestDatabase
  let roles: Roles
  let snapshot: CatalogSnapshot

  beforeAll(async () => {
    database = await createTestDatabase({ major })
    twin = await createTestDatabase({ major })
    roles = roleNames(database)
    await createRoles(database, roles)
    await createObjects(database, roles)
    await createObjects(twin, roles)
    // A session keeps the defaults it began with, and `createObjects` changed those.
    snapshot = await readCatalog(await database.connect(), all)
  })
  afterAll(async () => {
    await twin?.drop()
    await database?.drop()
  })

  const relation = (name: string, schema = 'core'): Relation => {
    const found = findRelation(snapshot, schema, name)
    if (found === undefined) throw new Error(`${schema}.${name} is not in the snapshot`)
    return found
  }
  const granted = (acl: readonly AclItem[], grantee: string): string[] =>
    acl
      .filter((item) => item.grantee === grantee)
      .map(({ privilege, grantable }) => (grantable ? `${privilege}*` : privilege))

  test('names the server', () => {
    expect(snapshot.server).toMatchObject({
      database: database.name,
      encoding: 'UTF8',
      isSuperuser: true,
      systemIdentifier: expect.stringMatching(/^\d{15,}$/),
    })
    expect(Math.floor(snapshot.server.versionNum / 10_000)).toBe(major)
    expect(snapshot.server.settings).toMatchObject({
      row_security: 'on',
      in_hot_standby: 'off',
      standard_conforming_strings: 'on',
    })
  })

  test('lists every schema but the server’s and the temporary ones', () => {
    expect(snapshot.schemas.map(({ name }) => name)).toEqual(['core', 'public', hostile])
    expect(granted(snapshot.schemas[0]!.acl, roles.app)).toEqual(['USAGE'])
  })

  test('tells the kinds of relations apart', () => {
    expect(relation('orders')).toMatchObject({
      kind: 'table',
      owner: roles.owner,
      persistence: 'permanent',
      comment: 'what was sold',
      rls: { enabled: true, forced: true },
      aclIsDefault: false,
    })
    expect(relation('events')).toMatchObject({
      kind: 'partitioned-table',
      partitionKey: 'RANGE (day)',
      isPartition: false,
    })
    expect(relation('events_2024')).toMatchObject({
      kind: 'table',
      isPartition: true,
      parents: [{ schema: 'core', name: 'events', isPartition: true }],
      partitionBound: "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    })
    expect(relation('child')).toMatchObject({
      parents: [
        { name: 'other', isPartition: false },
        { name: 'base', isPartition: false },
      ],
      options: { fillfactor: '70' },
      aclIsDefault: true,
    })
    expect(relation('totals').kind).toBe('materialized-view')
  })

  test('describes columns with their types down to the base of a domain', () => {
    const columns = Object.fromEntries(relation('orders').columns.map((item) => [item.name, item]))
    expect(Object.keys(columns)).not.toContain('dropped')
    expect(columns['id']).toMatchObject({ type: 'bigint', notNull: true, identity: 'always' })
    expect(columns['serial_no']).toMatchObject({
      identity: null,
      defaultExpression: "nextval('core.orders_serial_no_seq'::regclass)",
    })
    expect(columns['amount']).toMatchObject({ type: 'numeric(10,2)', generated: null })
    expect(columns['doubled']).toMatchObject({
      generated: 'stored',
      defaultExpression: '(amount * (2)::numeric)',
    })
    expect(columns['label']).toMatchObject({
      collation: '"C"',
      defaultExpression: "'it''s'::text",
    })
    expect(columns['loose']).toMatchObject({ collation: 'core.loose' })
    expect(relation('tenants').columns.map(({ type, baseType }) => [type, baseType])).toEqual([
      ['uuid', 'uuid'],
      ['core.code', 'character varying(10)'],
      ['core.plan', 'core.plan'],
    ])
    expect(relation('tenants').columns[2]?.defaultExpression).toBe("'mid'::core.plan")
  })

  test('expands grants on tables and on columns', () => {
    const { acl, columns } = relation('orders')
    expect(granted(acl, roles.app)).toEqual(['SELECT*'])
    expect(granted(acl, roles.owner)).toEqual([
      'DELETE',
      'INSERT',
      ...(major >= 17 ? ['MAINTAIN'] : []),
      'REFERENCES',
      'SELECT',
      'TRIGGER',
      'TRUNCATE',
      'UPDATE',
    ])
    const onColumns = columns.flatMap(({ name, acl: items }) =>
      items.map(({ grantee, isPublic, privilege }) => [name, grantee, isPublic, privilege]),
    )
    expect(onColumns).toEqual([
      ['tenant_id', roles.app, false, 'INSERT'],
      ['amount', roles.app, false, 'INSERT'],
      ['label', 'PUBLIC', true, 'UPDATE'],
    ])
  })

  test('reads constraints, without the NOT NULL ones that only PostgreSQL 18 stores', () => {
    const { constraints } = relation('orders')
    expect(constraints.map(({ name, kind }) => [name, kind])).toEqual([
      ['no_overlap', 'exclude'],
      ['orders_amount_check', 'check'],
      ['orders_pkey', 'primary-key'],
      ['orders_tenant_id_fkey', 'foreign-key'],
      ['parent', 'foreign-key'],
      ['partial_null', 'foreign-key'],
    ])
    expect(constraints.find(({ name }) => name === 'parent')).toMatchObject({
      columns: ['parent_tenant', 'parent_id'],
      deferrable: true,
      references: {
        schema: 'core',
        name: 'orders',
        columns: ['tenant_id', 'id'],
        onDelete: 'set null',
        onUpdate: 'no action',
        onDeleteColumns: [],
        match: 'full',
      },
    })
    expect(constraints.find(({ name }) => name === 'partial_null')?.references).toMatchObject({
      onDeleteColumns: ['parent_id'],
      onUpdate: 'restrict',
    })
    expect(constraints.find(({ name }) => name === 'orders_tenant_id_fkey')?.definition).toBe(
      'FOREIGN KEY (tenant_id) REFERENCES core.tenants(id) ON DELETE CASCADE',
    )
  })

  test('reads indexes with their key columns, predicate and constraint', () => {
    const { indexes } = relation('orders')
    expect(indexes.find(({ name }) => name === 'orders_lower')).toEqual({
      name: 'orders_lower',
      definition:
        'CREATE UNIQUE INDEX orders_lower ON core.orders USING btree (tenant_id, lower(label)) ' +
        'INCLUDE (amount) WHERE (amount > (0)::numeric)',
      method: 'btree',
      isUnique: true,
      isPrimary: false,
      isValid: true,
      columns: ['tenant_id', null],
      predicate: '(amount > (0)::numeric)',
      constraint: null,
      inherited: false,
    })
    expect(indexes.find(({ isPrimary }) => isPrimary)?.constraint).toBe('orders_pkey')
    expect(relation('events_2024').indexes).toMatchObject([{ inherited: true }])
  })

  test('reads policies with qualified expressions', () => {
    expect(relation('orders').policies).toEqual([
      {
        name: 'guard',
        permissive: false,
        command: 'DELETE',
        roles: [],
        using: 'false',
        withCheck: null,
        comment: 'never',
      },
      {
        name: 'own',
        permissive: true,
        command: 'ALL',
        roles: [roles.app, roles.reader],
        using: "(tenant_id = (current_setting('app.tenant'::text, true))::uuid)",
        withCheck: expect.stringMatching(
          /FROM core\.tenants t\s+WHERE \(t\.id = orders\.tenant_id\)/,
        ),
        comment: null,
      },
    ])
  })

  test('reads triggers, the inherited ones of partitions too, and rules', () => {
    expect(relation('orders').triggers).toEqual([
      {
        name: 'audited',
        definition:
          'CREATE TRIGGER audited BEFORE INSERT OR UPDATE OF label ON core.orders FOR EACH ROW ' +
          'WHEN ((new.amount > (10)::numeric)) EXECUTE FUNCTION core.audit()',
        function: { schema: 'core', name: 'audit' },
        enabled: 'always',
        inherited: false,
      },
    ])
    expect(relation('events_2024').triggers).toMatchObject([
      { name: 'each_event', inherited: true },
    ])
    expect(relation('base')).toMatchObject({
      rules: [{ name: 'log', event: 'INSERT' }],
      reads: [{ schema: 'core', name: 'other' }],
    })
  })

  test('knows what a view reads, and under whose rights', () => {
    expect(relation('open_orders')).toMatchObject({
      kind: 'view',
      options: { security_invoker: 'true', security_barrier: 'true' },
      reads: [
        { schema: 'core', name: 'orders' },
        { schema: 'core', name: 'tenants' },
      ],
      rules: [{ name: '_RETURN', event: 'SELECT' }],
    })
    expect(relation('open_orders').definition).toContain('core.orders o')
    expect(relation('nested').reads).toEqual([{ schema: 'core', name: 'open_orders' }])
    expect(relation('totals').reads).toEqual([{ schema: 'core', name: 'orders' }])
  })

  test('tells overloads of functions apart and shows what each may do', () => {
    const [lookup, next] = findFunctions(snapshot, 'core', 'lookup').toReversed()
    expect(next).toMatchObject({
      identityArguments: 'n integer',
      leakproof: true,
      volatility: 'immutable',
      aclIsDefault: false,
      body: expect.stringContaining('BEGIN ATOMIC'),
    })
    expect(next?.acl.some(({ isPublic }) => isPublic)).toBe(false)
    expect(lookup).toMatchObject({
      kind: 'function',
      identityArguments: 'tenant uuid, VARIADIC codes text[], OUT found text',
      arguments: "tenant uuid, VARIADIC codes text[] DEFAULT '{}'::text[], OUT found text",
      returns: 'SETOF text',
      returnsSet: true,
      language: 'sql',
      securityDefiner: true,
      strict: true,
      volatility: 'stable',
      parallel: 'safe',
      settings: { search_path: 'pg_catalog, pg_temp' },
      body: ' select code from core.tenants where id = tenant ',
      comment: 'reads as its owner',
      extension: null,
    })
    expect(lookup?.acl).toContainEqual(
      expect.objectContaining({ isPublic: true, privilege: 'EXECUTE' }),
    )
    expect(findFunctions(snapshot, 'core', 'run')).toMatchObject([
      { kind: 'procedure', returns: '' },
    ])
  })

  test('ties sequences to their columns and keeps enum labels in their order', () => {
    expect(
      snapshot.sequences.map(({ name, ownedBy, isIdentity }) => [
        name,
        ownedBy?.column,
        isIdentity,
      ]),
    ).toEqual([
      ['orders_id_seq', 'id', true],
      ['orders_serial_no_seq', 'serial_no', false],
    ])
    expect(snapshot.enums).toEqual([
      { schema: 'core', name: 'plan', labels: ['zeta', 'alpha', 'mid'] },
    ])
  })

  test('reads roles and what they reach', () => {
    expect(findRole(snapshot, roles.app)).toMatchObject({
      canLogin: true,
      inherit: true,
      comment: 'the application',
    })
    expect(findRole(snapshot, roles.reader)).toMatchObject({ bypassRls: true, inherit: false })
    expect(snapshot.roles.some(({ name }) => name.startsWith('pg_'))).toBe(false)
    expect([...rolesReachableFrom(snapshot, roles.app, 'inherit')]).toEqual([
      roles.app,
      roles.reader,
    ])
    expect([...rolesReachableFrom(snapshot, roles.app, 'set')].sort()).toEqual(
      ['pg_read_all_data', roles.app, roles.owner, roles.reader].sort(),
    )
    expect(snapshot.memberships).toContainEqual(
      expect.objectContaining({
        role: roles.owner,
        member: roles.reader,
        admin: true,
        inherit: false,
      }),
    )
    expect(snapshot.memberships).toContainEqual(
      expect.objectContaining({ role: 'pg_database_owner', member: snapshot.server.currentUser }),
    )
  })

  test('reads default privileges, setting defaults and publications', () => {
    expect(
      snapshot.defaultPrivileges.map(({ schema, objectType, acl }) => [
        schema,
        objectType,
        acl.map(({ grantee, privilege }) => [grantee, privilege]),
      ]),
    ).toEqual([
      [null, 'function', [[roles.owner, 'EXECUTE']]],
      ['core', 'table', [[roles.app, 'SELECT']]],
    ])
    expect(
      snapshot.settingDefaults.filter(
        ({ role, database: name }) => name ?? role?.startsWith(database.rolePrefix),
      ),
    ).toEqual([
      { role: null, database: database.name, name: 'statement_timeout', value: '7s' },
      { role: roles.app, database: database.name, name: 'app.tenant', value: 'a=b, c' },
      { role: roles.reader, database: null, name: 'search_path', value: 'core, public' },
    ])
    const [everything, some] = snapshot.publications
    expect(everything).toEqual({ name: 'everything', allTables: true, tables: [] })
    expect(some?.tables).toContainEqual({
      schema: 'core',
      name: 'tenants',
      rowFilter: '(id IS NOT NULL)',
    })
    expect(some?.tables).toContainEqual({ schema: 'core', name: 'events', rowFilter: null })
  })

  test('keeps hostile names as they are', () => {
    const { columns, policies } = relation(longest, hostile)
    expect(columns[0]?.name).toBe(hostile)
    expect(policies).toMatchObject([{ name: hostile, using: `(${ident(hostile).text} > 0)` }])
  })

  test('is equal for two databases made by the same statements', async () => {
    const other = await readCatalog(twin.admin, all)
    const { server: _one, settingDefaults: _a, roles: _r, memberships: _m, ...mine } = snapshot
    const { server: _two, settingDefaults: _b, roles: _s, memberships: _n, ...theirs } = other
    expect(theirs).toEqual(mine)
    expect(diffSnapshots(snapshot, other)).toEqual([])
    expect(catalogHash(other)).toBe(catalogHash(snapshot))
  })

  test('does not depend on what the session has set', async () => {
    const client = await database.connect()
    await client.query(`set search_path to core, public; set quote_all_identifiers to on;
      set timezone to 'Asia/Tokyo'; set datestyle to 'SQL, DMY'; set standard_conforming_strings to off;
      create temporary table orders (id int); create temporary table pg_class (relname int)`)
    const other = await readCatalog(client, all)
    expect(diffSnapshots(snapshot, other)).toEqual([])
    expect(other.server).toEqual(snapshot.server)
    const { rows } = await client.query(
      `select current_setting('search_path') as path, current_setting('timezone') as zone`,
    )
    expect(rows).toEqual([{ path: 'core, public', zone: 'Asia/Tokyo' }])
  })

  test('needs no right to read a table', async () => {
    const restricted = await readCatalog(await database.connect(roles.app), all)
    expect(diffSnapshots(snapshot, restricted)).toEqual([])
    expect(restricted.server).toMatchObject({ currentUser: roles.app, isSuperuser: false })
  })

  test('leaves the system identifier empty for a role that may not see it', async () => {
    await database.admin.query('revoke execute on function pg_control_system() from public')
    try {
      const { server } = await readCatalog(await database.connect(roles.app), all)
      expect(server.systemIdentifier).toBe('')
    } finally {
      await database.admin.query('grant execute on function pg_control_system() to public')
    }
  })

  test('reads only the schemas that are listed', async () => {
    const listed = await readCatalog(database.admin, { schemas: [hostile, 'no such schema'] })
    expect(listed.schemas.map(({ name }) => name)).toEqual([hostile])
    expect(listed.relations.map(({ name }) => name)).toEqual([longest])
    expect([...listed.functions, ...listed.sequences, ...listed.enums]).toEqual([])
  })

  test('takes twelve statements whatever is there', async () => {
    const counted = { count: 0 }
    const db: Queryable = {
      query: async (text, values) => {
        counted.count += 1
        return database.admin.query(text, values) as never
      },
    }
    await readCatalog(db, all)
    expect(counted.count).toBe(12)
  })

  test('sees and leaves alone the transaction that its caller has open', async () => {
    const client = await database.connect()
    await client.query('begin')
    await client.query(`set local search_path to core; create table core.uncommitted (id int)`)
    const inside = await readCatalog(client, all)
    expect(diffSnapshots(snapshot, inside)).toMatchObject([
      { path: expect.stringMatching(/^publications\.filtered\.tables/), before: undefined },
      { path: 'relations.core.uncommitted', before: undefined },
    ])
    const { rows } = await client.query(`show search_path`)
    expect(rows).toEqual([{ search_path: 'core' }])
    await client.query('rollback')
    expect(diffSnapshots(snapshot, await readCatalog(client, all))).toEqual([])
  })

  test('ends its transaction when a statement fails', async () => {
    const client = await database.connect()
    const db: Queryable = {
      query: (text, values) =>
        client.query(text.includes('pg_policy') ? 'select 1/0' : text, values && []) as never,
    }
    await expect(readCatalog(db, all)).rejects.toThrow(pg.DatabaseError)
    const { rows } = await client.query(`select now() = statement_timestamp() as outside`)
    expect(rows).toEqual([{ outside: true }])
  })

  test('is frozen all the way down', () => {
    const seen = new Set<unknown>()
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null || seen.has(value)) return
      seen.add(value)
      expect(Object.isFrozen(value)).toBe(true)
      Object.values(value).forEach(visit)
    }
    visit(snapshot)
  })
})
