import { describe, expect, it } from 'vitest'
import type { Problem } from '../errors/index.js'
import { WatertightError } from '../errors/index.js'
import { defineTenancy, parseModel } from './parse-model.js'
import { toInput } from './to-input.js'

function rejection(input: unknown): WatertightError {
  try {
    parseModel(input)
  } catch (error) {
    if (error instanceof WatertightError) return error
    throw error
  }
  throw new Error('the declaration was accepted')
}

function problemsOf(input: unknown): readonly Problem[] {
  const error = rejection(input)
  expect(error.code).toBe('INVALID_MODEL')
  return error.problems
}

function lines(problems: readonly Problem[]): string[] {
  return problems.map(({ path, message }) => `${path}: ${message}`)
}

describe('a rejection', () => {
  it('names all problems of all sections at once, the first ones in its message', () => {
    const error = rejection({
      schemas: ['public'],
      tenantKey: { type: 'int' },
      context: { kind: 'guc', tenant: 'x' },
      roles: { app: 'public' },
      tables: { 'public.a': { scope: 'org' }, 'public.b': { through: 'public.zzz' } },
      include: ['all'],
    })
    expect(error.problems.map(({ path }) => path)).toEqual([
      'tenantKey.type',
      'context.tenant',
      'roles.app',
      'include[0]',
      'tables.public.a.scope',
      'tables.public.b.through',
    ])
    expect(error.message).toBe(
      [
        'the tenancy declaration has 6 problems:',
        ...lines(error.problems.slice(0, 5)).map((line) => `  ${line}`),
        '  and 1 more',
      ].join('\n'),
    )
    expect(Object.isFrozen(error.problems) && error.problems.every(Object.isFrozen)).toBe(true)
  })

  it('cuts long values, so that a pasted secret or file does not fill the log', () => {
    const [problem] = problemsOf({ schemas: ['a'], tenantKey: { type: 'x'.repeat(5000) } })
    expect(problem?.message.length).toBeLessThan(200)
  })
})

describe('hostile input', () => {
  it('cannot reach the prototype of anything through its keys', () => {
    const input: unknown = JSON.parse(
      '{"schemas":["a"],"__proto__":{"x":1},"constructor":{"prototype":{"x":1}},' +
        '"tenantKey":{"__proto__":{"column":"evil"},"columnByTable":{"__proto__":"evil"}},' +
        '"tables":{"__proto__":{"scope":"global"}}}',
    )
    expect(problemsOf(input).map(({ path }) => path)).toEqual([
      '__proto__',
      'constructor',
      'tenantKey.__proto__',
      'tenantKey.columnByTable.__proto__',
      'tables.__proto__',
    ])
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })

  it('does not lend inherited values to a declaration', () => {
    const parent = { schemas: ['a'] }
    expect(lines(problemsOf(Object.create(parent)))).toEqual([
      ': expected a plain object, got a class instance',
    ])
  })

  it('is a problem like any other when reading it throws', () => {
    const throws = (): never => {
      throw new Error('boom')
    }
    const { proxy: revoked, revoke } = Proxy.revocable({}, {})
    revoke()
    const unreadable = 'cannot be read: an accessor or proxy threw'
    expect(
      lines(
        problemsOf({
          schemas: new Proxy(['a'], { get: throws }),
          tenantKey: Object.defineProperty({}, 'column', { enumerable: true, get: throws }),
          tables: new Proxy({}, { ownKeys: throws }),
          orgUnits: revoked,
          userKey: new Proxy({}, { getPrototypeOf: throws }),
        }),
      ),
    ).toEqual([
      `schemas: ${unreadable}`,
      `tenantKey: ${unreadable}`,
      `userKey: ${unreadable}`,
      `orgUnits: ${unreadable}`,
      `tables: ${unreadable}`,
    ])
  })

  it('cannot answer differently the second time it is read', () => {
    let reads = 0
    const input = {
      get schemas(): unknown {
        reads += 1
        return reads === 1 ? ['a'] : ['pg_catalog']
      },
    }
    expect(parseModel(input).schemas).toEqual(['a'])
    expect(reads).toBe(1)
  })

  it('cannot make the parser walk a sparse array of four thousand million entries', () => {
    const endless: unknown[] = []
    endless.length = 2 ** 32 - 1
    expect(lines(problemsOf({ schemas: endless }))).toEqual([
      'schemas: has more than 10000 entries',
    ])
  })
})

describe('a model', () => {
  it('is complete from the shortest declaration', () => {
    expect(parseModel({ schemas: ['public'] })).toEqual({
      tenantKey: {
        column: 'tenant_id',
        type: 'uuid',
        table: null,
        activeWhere: null,
        columnByTable: {},
      },
      userKey: { type: 'uuid' },
      orgUnits: null,
      accessGrants: null,
      context: { kind: 'signed' },
      roles: {
        owner: 'watertight_owner',
        migrator: 'watertight_migrator',
        app: 'watertight_app',
        public: 'watertight_public',
        auditor: 'watertight_auditor',
        worker: 'watertight_worker',
        platform: 'watertight_platform',
      },
      schemas: ['public'],
      tables: [],
      disclosures: null,
      include: [],
      accept: [],
    })
  })

  it('fills every default of the sections that are given', () => {
    const model = defineTenancy({
      schemas: ['core', 'app'],
      tenantKey: { column: 'org', columnByTable: { 'core.units': 'owner' } },
      orgUnits: { table: 'core.units' },
      accessGrants: 'core.access_grants',
      tables: {
        'app."User"': { scope: 'self', userColumn: 'id', sharedThrough: { table: 'core.members' } },
        'core.members': { scope: 'tenant', tenantColumn: 'team' },
        'app.log': { scope: 'org', appendOnly: true, auditor: true },
        'app.notes': { through: 'app.log', commands: ['delete', 'SELECT'] },
        'app.jobs': { scope: 'tenant', commands: ['select'], workerCommands: ['UPDATE', 'select'] },
      },
    })
    expect(model.orgUnits).toEqual({
      column: 'org_unit_id',
      type: 'uuid',
      table: { schema: 'core', name: 'units' },
      idColumn: 'id',
      parentColumn: 'parent_id',
      tenantColumn: 'owner',
      columnByTable: {},
    })
    expect(model.accessGrants).toMatchObject({
      table: { schema: 'core', name: 'access_grants' },
      tenantColumn: 'tenant_id',
      revokedAtColumn: 'revoked_at',
    })
    const [user, , log, notes, jobs] = model.tables
    expect(user).toEqual({
      table: { schema: 'app', name: 'User' },
      scope: 'self',
      through: null,
      tenantColumn: null,
      orgColumn: null,
      userColumn: 'id',
      sharedThrough: {
        table: { schema: 'core', name: 'members' },
        userColumn: 'user_id',
        tenantColumn: 'team',
      },
      ownRows: null,
      public: null,
      appendOnly: false,
      auditor: null,
      commands: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
      workerCommands: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
    })
    expect(log).toMatchObject({ auditor: { redact: [] }, commands: ['SELECT', 'INSERT'] })
    expect(notes).toMatchObject({
      scope: null,
      commands: ['SELECT', 'DELETE'],
      workerCommands: ['SELECT', 'DELETE'],
    })
    expect(jobs).toMatchObject({ commands: ['SELECT'], workerCommands: ['SELECT', 'UPDATE'] })
  })

  it.each([
    ['by default', undefined, 'watertight_app', 'watertight_auditor'],
    ['by prefix', { prefix: 'acme' }, 'acme_app', 'acme_auditor'],
    ['by prefix with exceptions', { prefix: 'acme', auditor: 'ext', app: 'web' }, 'web', 'ext'],
    ['by prefix without one of them', { prefix: 'acme', auditor: null }, 'acme_app', null],
    ['by default without one of them', { auditor: null }, 'watertight_app', null],
    ['one by one', { app: 'authenticated', public: 'anon' }, 'authenticated', null],
  ])('names its roles %s', (_title, roles, app, auditor) => {
    expect(parseModel({ schemas: ['a'], roles }).roles).toMatchObject({ app, auditor })
  })

  it.each([
    { kind: 'guc', tenant: 'app.tenant_id' },
    { kind: 'guc', tenant: 'app.t', user: 'app.u', orgUnits: 'app.units', orgScope: 'app.scope' },
    { kind: 'jwt-claims', guc: 'request.jwt.claims', tenant: '/app_metadata/org_id', user: '/sub' },
    {
      kind: 'membership',
      user: { guc: 'app.user_id' },
      via: { table: 'public.memberships', user: 'user_id', tenant: 'workspace_id' },
    },
  ])('describes a database that others built: context $kind', (context) => {
    const model = parseModel({
      tenantKey: { column: 'org_id', type: 'bigint' },
      orgUnits: { column: 'unit_id', type: 'bigint', table: 'public.units' },
      context,
      roles: { app: 'crew_app', owner: 'crew_owner', public: 'crew_anon' },
      schemas: ['public'],
      tables: {
        'public.emoji': { scope: 'global' },
        'public.plans': { scope: 'global', public: { where: 'true' } },
        'public.documents': { public: { where: 'published_at IS NOT NULL' } },
      },
    })
    expect(toInput(model).context).toEqual(context)
    expect(model.roles).toMatchObject({ app: 'crew_app', worker: null, migrator: null })
    expect(model.tables[2]).toMatchObject({ scope: null, public: { columns: null } })
  })

  it('takes an undefined value for an absent one', () => {
    const context = { kind: 'guc', tenant: 'app.t', user: undefined, orgUnits: undefined }
    expect(parseModel({ schemas: ['a'], context, roles: undefined }).context).toEqual({
      kind: 'guc',
      tenant: 'app.t',
      user: null,
      orgUnits: null,
      orgScope: null,
    })
  })

  it('shares nothing with the input', () => {
    const input = { schemas: ['a'], tables: { 'a.x': { auditor: { redact: ['salary'] } } } }
    const model = parseModel(input)
    input.schemas.push('b')
    input.tables['a.x'].auditor.redact.length = 0
    expect(model.schemas).toEqual(['a'])
    expect(model.tables[0]?.auditor?.redact).toEqual(['salary'])
  })
})
