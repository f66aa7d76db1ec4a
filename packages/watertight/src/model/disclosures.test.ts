import { describe, expect, it } from 'vitest'
import { WatertightError } from '../errors/index.js'
import { parseModel, toInput } from './index.js'
import type { DisclosuresInput, TenancyInput } from './index.js'

const tables = { 'app.users': { scope: 'tenant' }, 'app.keys': { scope: 'tenant' } } as const

const lookUp = {
  modes: ['public'],
  reads: { 'app.users': ['id', 'login'] },
  reason: 'a login names its user',
} as const

function declare(
  disclosures: unknown,
  more: Partial<TenancyInput> = {},
): ReturnType<typeof parseModel> {
  return parseModel({ schemas: ['app'], tables, ...more, disclosures })
}

function problemsOf(disclosures: unknown, more: Partial<TenancyInput> = {}): readonly string[] {
  try {
    declare(disclosures, more)
  } catch (error) {
    if (!(error instanceof WatertightError) || error.code !== 'INVALID_MODEL') throw error
    return error.problems.map(({ path, message }) => `${path}: ${message}`)
  }
  throw new Error('the declaration was accepted')
}

describe('disclosures', () => {
  it('are complete from the shortest declaration, and run as a role named like the others', () => {
    const roles = { prefix: 'acme' }
    expect(declare({ functions: { 'app.user_of': lookUp } }, { roles }).disclosures).toEqual({
      role: 'acme_directory',
      functions: [
        {
          function: { schema: 'app', name: 'user_of' },
          modes: ['public'],
          callers: [],
          reads: [{ table: { schema: 'app', name: 'users' }, columns: ['id', 'login'] }],
          inserts: [],
          updates: [],
          deletes: [],
          reason: 'a login names its user',
        },
      ],
    })
  })

  it.each<DisclosuresInput>([
    { functions: { 'app.user_of': lookUp } },
    { role: 'looker', functions: { 'app."odd.name"': lookUp } },
    {
      functions: {
        'app.end_keys': {
          modes: ['app', 'worker'],
          reads: { 'app.keys': ['id'] },
          inserts: { 'app.keys': ['id', 'hash'] },
          updates: { 'app.keys': ['ended_at'], 'app.users': ['seen_at'] },
          deletes: ['app.users'],
          reason: 'keys end',
        },
      },
    },
    {
      functions: {
        'app.end_user': { callers: ['ender'], deletes: ['app.users'], reason: 'users leave' },
        'app.user_of': { ...lookUp, callers: ['ender', 'finder'] },
      },
    },
  ])('come back as they were declared: %j', (disclosures) => {
    expect(toInput(declare(disclosures)).disclosures).toEqual(disclosures)
    expect(parseModel(toInput(declare(disclosures)))).toEqual(declare(disclosures))
  })

  it.each<readonly [string, unknown, Partial<TenancyInput>, readonly string[]]>([
    ['no functions', {}, {}, ['functions: is required']],
    [
      'an unknown key',
      { functions: {}, funtions: {} },
      {},
      ['funtions: unknown key; did you mean "functions"?'],
    ],
    [
      'nothing but a name',
      { functions: { 'app.f': {} } },
      {},
      ['functions.app.f.modes: is required', 'functions.app.f.reason: is required'],
    ],
    [
      'a mode that is none and none at all',
      {
        functions: { 'app.f': { ...lookUp, modes: ['admin'] }, 'app.g': { ...lookUp, modes: [] } },
      },
      {},
      [
        'functions.app.f.modes[0]: expected "app", "public", "auditor", "worker" or "platform", got "admin"',
        'functions.app.g.modes: expected at least one entry',
      ],
    ],
    [
      'a mode without a role',
      { functions: { 'app.f': lookUp } },
      { roles: { prefix: 'acme', public: null } },
      ['functions.app.f.modes[0]: needs a role: `roles.public` is not declared'],
    ],
    [
      'callers that are roles of another purpose, and no callers',
      {
        functions: {
          'app.f': { ...lookUp, callers: ['watertight_directory', 'watertight_worker'] },
          'app.g': { callers: [], reads: lookUp.reads, reason: 'none' },
        },
      },
      {},
      [
        'functions.app.g.callers: expected at least one entry',
        'functions.app.g.modes: is required',
        'functions.app.f.callers[0]: is the role that the functions run as',
        'functions.app.f.callers[1]: is the same role as roles.worker',
      ],
    ],
    [
      'tables that are not declared',
      {
        functions: {
          'app.f': { ...lookUp, updates: { 'app.other': ['id'] }, deletes: ['app.more'] },
        },
      },
      {},
      [
        'functions.app.f.updates.app.other: is not declared in `tables`',
        'functions.app.f.deletes.app.more: is not declared in `tables`',
      ],
    ],
    [
      'no table',
      { functions: { 'app.f': { modes: ['app'], reason: 'none' } } },
      {},
      ['functions.app.f: discloses no table'],
    ],
    [
      'no columns',
      { functions: { 'app.f': { ...lookUp, reads: { 'app.users': [] } } } },
      {},
      [
        'functions.app.f.reads.app.users: expected at least one entry',
        'functions.app.f: discloses no table',
      ],
    ],
    [
      'a function, and a table, twice',
      {
        functions: {
          'app.f': lookUp,
          '"app".f': { ...lookUp, reads: { 'app.users': ['id'], 'app."users"': ['id'] } },
        },
      },
      {},
      [
        'functions."app".f.reads.app."users": names app.users a second time',
        'functions."app".f: declares app.f a second time',
      ],
    ],
    [
      'the kernel',
      { functions: { 'watertight.tenant_id': lookUp } },
      {},
      ["functions.watertight.tenant_id: is watertight's own schema"],
    ],
    [
      'a role of another purpose',
      { role: 'watertight_app', functions: { 'app.f': lookUp } },
      {},
      ['role: is the same role as roles.app'],
    ],
    [
      'no role where roles have no prefix',
      { functions: { 'app.f': lookUp } },
      { roles: { app: 'crew', public: 'anon' } },
      ['role: is required where roles are not named by prefix'],
    ],
    [
      'a prefix that leaves no room',
      { functions: { 'app.f': lookUp } },
      { roles: { prefix: 'p'.repeat(54) } },
      [
        `role: is too long a name: "${'p'.repeat(54)}_direc"… (64 characters) is 64 bytes long; PostgreSQL cuts identifiers after 63`,
      ],
    ],
  ])('are refused with %s', (_name, disclosures, more, problems) => {
    expect(problemsOf(disclosures, more)).toEqual(problems.map((each) => `disclosures.${each}`))
  })
})
