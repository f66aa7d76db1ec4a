import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { quoteIdentifier } from '../sql/index.js'
import { rolesReachableFrom } from './reachable-roles.js'
import { readCatalog } from './read-catalog.js'
import type { AclItem, CatalogSnapshot, Relation } from './snapshot.js'
import { findFunctions, findRelation, findRole } from './snapshot-lookup.js'

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

/** Runs a file of `fixtures/` with the names of this run in place of its words after a colon. */
async function runFixture(file: string, database: TestDatabase, roles: Roles): Promise<void> {
  const names = { ...roles, database: database.name, hostile, longest }
  let text = await readFile(new URL(`fixtures/${file}`, import.meta.url), 'utf8')
  for (const [word, name] of Object.entries(names)) {
    text = text.replaceAll(`:${word}`, () => quoteIdentifier(name))
  }
  await database.admin.query(text)
}

describe.each(serverMajors)('the catalog of PostgreSQL %i', (major) => {
  let database: TestDatabase
  let roles: Roles
  let snapshot: CatalogSnapshot

  beforeAll(async () => {
    database = await createTestDatabase({ major })
    roles = roleNames(database)
    await runFixture('roles.sql', database, roles)
    await runFixture('objects.sql', database, roles)
    // A session keeps the defaults it began with, and objects.sql changes those.
    snapshot = await readCatalog(await database.connect(), { schemas: 'all' })
  })
  afterAll(async () => {
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
    expect(granted(snapshot.schemas[0]?.acl ?? [], roles.app)).toEqual(['USAGE'])
  })

  test('tells the kinds of relations apart', () => {
    expect(relation('orders')).toMatchObject({
      kind: 'table',
      owner: roles.owner,
      persistence: 'permanent',
      comment: 'what was sold',
      rls: { enabled: true, forced: true },
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
    const [next, lookup] = findFunctions(snapshot, 'core', 'lookup')
    expect(next).toMatchObject({
      identityArguments: 'n integer',
      leakproof: true,
      volatility: 'immutable',
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
      isImplicit: false,
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
    expect(policies).toMatchObject([{ name: hostile, using: `(${quoteIdentifier(hostile)} > 0)` }])
  })
})
