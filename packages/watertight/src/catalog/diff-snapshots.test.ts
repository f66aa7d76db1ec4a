import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, serverMajors } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { ident, sql } from '../sql/index.js'
import { catalogHash } from './catalog-hash.js'
import { diffSnapshots } from './diff-snapshots.js'
import { rolesReachableFrom, rolesReaching } from './reachable-roles.js'
import { readCatalog } from './read-catalog.js'
import type { CatalogSnapshot } from './snapshot.js'
import { findRelation, findRole, relationKey } from './snapshot-lookup.js'

const all = { schemas: 'all' } as const

/** A copy of plain data with the scalar that `path` leads to changed; null when it leads to none. */
function withChange(value: unknown, path: readonly number[]): unknown {
  if (typeof value === 'string') return `${value}x`
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return value + 1
  if (typeof value !== 'object' || value === null) return 'x'
  const keys = Object.keys(value)
  const key = keys[(path[0] ?? 0) % keys.length]
  if (key === undefined) return null
  const part = withChange(Reflect.get(value, key), path.slice(1))
  if (part === null) return null
  const copy: object = Array.isArray(value) ? [...(value as unknown[])] : { ...value }
  Reflect.set(copy, key, part)
  return copy
}

describe.each(serverMajors)('the difference of two snapshots of PostgreSQL %i', (major) => {
  let database: TestDatabase
  let before: CatalogSnapshot
  let app: string

  beforeAll(async () => {
    database = await createTestDatabase({ major })
    app = `${database.rolePrefix}_app`
    await database.admin.query(`create role ${app} login`)
    await database.admin.query(
      `create table invoices (id int primary key, tenant_id int, "odd.name" text);
       alter table invoices enable row level security, force row level security;
       create policy own on invoices using (tenant_id = 1);
       create table "a.b" (id int);
       create function twice(n int) returns int language sql as 'select 2 * n';
       create type state as enum ('on', 'off')`,
    )
    before = await readCatalog(database.admin, all)
  })
  afterAll(() => database?.drop())

  const changesOf = async (statement: string): Promise<ReturnType<typeof diffSnapshots>> => {
    await database.admin.query('begin')
    try {
      await database.admin.query(statement)
      const after = await readCatalog(database.admin, all)
      const differences = diffSnapshots(before, after)
      expect(catalogHash(after) === catalogHash(before)).toBe(differences.length === 0)
      return differences
    } finally {
      await database.admin.query('rollback')
    }
  }

  test.each([
    [
      'alter table invoices no force row level security',
      'relations.public.invoices.rls.forced',
      true,
      false,
    ],
    [
      'alter policy own on invoices using (true)',
      'relations.public.invoices.policies.own.using',
      '(tenant_id = 1)',
      'true',
    ],
    [
      'alter table invoices alter "odd.name" set not null',
      'relations.public.invoices.columns."odd.name".notNull',
      false,
      true,
    ],
    [
      'alter function twice(int) security definer',
      'functions.public.twice(n integer).securityDefiner',
      false,
      true,
    ],
    [`comment on table "a.b" is 'new'`, 'relations.public."a.b".comment', null, 'new'],
    [
      `alter type state add value 'idle'`,
      'enums.public.state.labels',
      ['on', 'off'],
      ['on', 'off', 'idle'],
    ],
  ])('names the place of: %s', async (statement, path, was, is) => {
    expect(await changesOf(statement)).toEqual([{ path, before: was, after: is }])
  })

  test('reports a new object once, with all that is in it', async () => {
    const differences = await changesOf('create policy more on invoices for select using (true)')
    expect(differences).toMatchObject([
      {
        path: 'relations.public.invoices.policies.more',
        before: undefined,
        after: { using: 'true' },
      },
    ])
  })

  test('reports a grant under the name of who got it, and that role’s attributes not at all', async () => {
    const paths = (await changesOf(`grant select on invoices to ${app}`)).map(({ path }) => path)
    expect(paths).toEqual([
      `relations.public.invoices.acl.${app}.SELECT.${before.server.currentUser}`,
    ])
  })

  test('ignores roles that only other databases know, unless they are asked for', async () => {
    const role = `${database.rolePrefix}_elsewhere`
    await database.admin.query(sql`create role ${ident(role)}`.text)
    const after = await readCatalog(database.admin, all)
    expect(findRole(after, role)).toBeDefined()
    expect(diffSnapshots(before, after)).toEqual([])
    expect(diffSnapshots(before, after, { roles: [role] })).toMatchObject([
      { path: `roles.${role}`, before: undefined },
    ])
    expect(catalogHash(after, { roles: [role] })).not.toBe(catalogHash(before, { roles: [role] }))
  })

  test('sees a member that an owner of something here gains', async () => {
    const differences = await changesOf(
      `alter table invoices owner to ${app}; create role ${app}_member in role ${app}`,
    )
    expect(differences.map(({ path }) => path)).toContain(`roles.${app}_member`)
  })

  test('is never empty when anything of an object changed (property)', () => {
    const sections = ['schemas', 'relations', 'functions', 'enums'] as const
    fc.assert(
      fc.property(
        fc.constantFrom(...sections),
        fc.array(fc.nat(40), { minLength: 6, maxLength: 6 }),
        (section, path) => {
          const changed = withChange(before[section], path)
          if (changed === null) return
          const after = { ...before, [section]: changed }
          expect(diffSnapshots(before, after)).not.toEqual([])
          expect(catalogHash(after)).not.toBe(catalogHash(before))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('relations are found by bare name and keyed by quoted name', () => {
    expect(findRelation(before, 'public', 'a.b')?.columns).toHaveLength(1)
    expect(findRelation(before, 'public.a', 'b')).toBeUndefined()
    expect(relationKey('public', 'a.b')).toBe('public."a.b"')
  })

  test('what a role reaches follows the options of each membership', async () => {
    const [quiet, setter] = [`${app}_quiet`, `${app}_setter`]
    const options =
      major >= 16
        ? `grant ${setter} to ${quiet} with inherit false, set true;
           grant ${app} to ${setter} with inherit true, set false`
        : `grant ${setter} to ${quiet}; grant ${app} to ${setter}`
    await database.admin.query(
      `create role ${setter}; create role ${quiet} ${major >= 16 ? '' : 'noinherit'}; ${options}`,
    )
    const snapshot = await readCatalog(database.admin, all)
    const reached = (role: string, reach: 'inherit' | 'set'): string[] => [
      ...rolesReachableFrom(snapshot, role, reach),
    ]
    expect(reached(quiet, 'inherit')).toEqual([quiet])
    expect(reached(setter, 'inherit')).toEqual([setter, app])
    expect(reached(quiet, 'set')).toEqual(major >= 16 ? [quiet, setter] : [quiet, setter, app])
    expect([...rolesReaching(snapshot, app, 'inherit')]).toEqual([app, setter])
    for (const [role, target] of [
      [quiet, setter],
      [quiet, app],
      [setter, app],
    ] as const) {
      const { rows } = await database.admin.query<{ has: boolean }>(
        `select pg_has_role($1, $2, 'usage') as has`,
        [role, target],
      )
      expect(reached(role, 'inherit').includes(target)).toBe(rows[0]?.has)
    }
  })

  test('is empty after a grant that was revoked', async () => {
    expect(
      await changesOf(`grant select on invoices to ${app}; revoke select on invoices from ${app}`),
    ).toEqual([])
  })

  if (major < 18) return

  test('a NOT NULL that is not validated yet leaves the column nullable', async () => {
    expect(
      await changesOf('alter table invoices add constraint n not null tenant_id not valid'),
    ).toEqual([])
    expect(
      await changesOf('alter table invoices add twice int generated always as (id * 2) virtual'),
    ).toMatchObject([{ after: { generated: 'virtual', defaultExpression: '(id * 2)' } }])
  })
})
