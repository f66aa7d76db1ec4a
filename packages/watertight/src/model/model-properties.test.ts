import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WatertightError } from '../errors/index.js'
import { byteLength } from '../sql/index.js'
import type { TableInput, TenancyInput } from './index.js'
import { formatTableName, parseModel, parseTableName, tableKey, toInput } from './index.js'

const hostileNames = [
  'a"b',
  '"',
  "o'clock",
  'a.b',
  'a b',
  ' ',
  '\n',
  '\\',
  '$1',
  ';--',
  '*/',
  'select',
  'User',
  'PUBLIC',
  'ünïcödé',
  '日本語',
  '🐘',
  'e\u0301',
  '\u202e',
  '__proto__',
  'constructor',
  'toString',
  '0',
  'x'.repeat(63),
  'ü'.repeat(31),
  '🐘'.repeat(15),
]

const identifier = fc
  .oneof(
    fc.constantFrom(...hostileNames),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  )
  .filter((name) => name !== '' && !/[\0\p{Cs}]/u.test(name) && byteLength(name) <= 63)

const setting = fc.constantFrom('app.tenant', 'app.user_id', 'a.b.c', 'X_y.z$1')
const sqlText = fc.constantFrom('true', "state = 'x'", 'published_at is not null')
const keyType = fc.constantFrom('uuid', 'bigint', 'text')

function some<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined })
}

/** Drops undefined values, as a person leaves keys out. */
function compact(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined))
}

const notReserved = (name: string): boolean =>
  !name.startsWith('pg_') && !['public', 'none', 'information_schema', 'watertight'].includes(name)

const schemas = fc.uniqueArray(identifier.filter(notReserved), { minLength: 1, maxLength: 3 })

const context = (table: fc.Arbitrary<string>): fc.Arbitrary<object> =>
  fc.oneof(
    fc.constant({ kind: 'signed' }),
    fc.record({
      kind: fc.constant('guc'),
      tenant: setting,
      user: setting,
      orgScope: some(setting),
    }),
    fc.record({
      kind: fc.constant('jwt-claims'),
      guc: setting,
      tenant: fc.constantFrom('/org', '/a~1b/~0', '/'),
      user: fc.constant('/sub'),
    }),
    fc.record({
      kind: fc.constant('membership'),
      user: fc.record({ guc: setting, claim: some(fc.constant('/sub')) }),
      via: fc.record({ table, user: identifier, tenant: identifier, where: some(sqlText) }),
    }),
  )

const roles = fc.oneof(
  fc.record({ prefix: some(fc.constantFrom('acme', 'A b', 'public', 'x'.repeat(54))) }),
  fc
    .uniqueArray(identifier.filter(notReserved), { minLength: 4, maxLength: 4 })
    .map(([app, anon, auditor, worker]) => ({ app, public: anon, auditor, worker })),
  fc
    .record({
      prefix: fc.constant('acme'),
      worker: some(fc.constant(null)),
      owner: some(identifier),
    })
    .filter(({ owner }) => owner === undefined || notReserved(owner)),
)

function tableInput(index: number, table: fc.Arbitrary<string>, names: readonly string[]) {
  const earlier = names.slice(0, index)
  const columns = fc.uniqueArray(identifier, { minLength: 1, maxLength: 3 })
  const scopeFields = fc.oneof(
    fc.record({ scope: fc.constant('global') }),
    fc.record({ scope: some(fc.constant('tenant')), tenantColumn: some(identifier) }),
    fc.record({ scope: fc.constant('org'), orgColumn: some(identifier) }),
    fc.record({
      scope: fc.constantFrom('tenant', 'org'),
      ownRows: fc.record({ userColumn: identifier }),
    }),
    fc.record({
      scope: fc.constant('self'),
      userColumn: identifier,
      sharedThrough: some(
        fc.record({ table, userColumn: some(identifier), tenantColumn: some(identifier) }),
      ),
    }),
    ...(earlier.length === 0
      ? []
      : [fc.record({ scope: fc.constant('tenant'), through: fc.constantFrom(...earlier) })]),
  )
  const rest = fc.record({
    public: some(fc.record({ where: some(sqlText), columns: some(columns) })),
    appendOnly: some(fc.boolean()),
    auditor: some(fc.oneof(fc.boolean(), fc.record({ redact: columns }))),
    commands: some(fc.subarray(['select', 'INSERT'])),
    workerCommands: some(fc.subarray(['SELECT', 'insert'])),
  })
  return fc.tuple(scopeFields, rest).map(([scope, more]) => compact({ ...scope, ...more }))
}

const declaration: fc.Arbitrary<object> = schemas.chain((listed) => {
  const table = fc
    .tuple(fc.constantFrom(...listed), identifier)
    .map(([schema, name]) => formatTableName({ schema, name }))
  return fc.uniqueArray(table, { maxLength: 5 }).chain((names) =>
    fc
      .record({
        schemas: fc.constant(listed),
        tenantKey: some(
          fc.record({ column: some(identifier), type: some(keyType), table: some(table) }),
        ),
        userKey: some(fc.record({ type: some(keyType) })),
        orgUnits: fc.record({
          table,
          column: some(identifier),
          tenantColumn: some(identifier),
          columnByTable: some(fc.dictionary(table, identifier, { maxKeys: 3 })),
        }),
        accessGrants: some(table),
        context: some(context(table)),
        roles: some(roles),
        tables: fc
          .tuple(...names.map((_, index) => tableInput(index, table, names)))
          .map((tables) => Object.fromEntries(names.map((name, index) => [name, tables[index]]))),
        include: some(fc.subarray(['composite-foreign-keys', 'tenant-unique-keys'])),
      })
      .map(compact)
      .map(withRunnableJobs),
  )
})

/** What jobs may run is wrong where no role runs jobs, or where they only read. */
function withRunnableJobs(input: object): object {
  const { roles: named, tables = {} } = input as TenancyInput
  const runnable = Object.entries(tables).map(([name, { workerCommands, ...rest }]) => {
    const isWrong = named !== undefined || rest.scope === 'global' || workerCommands === undefined
    return [name, isWrong ? rest : { ...rest, workerCommands }]
  })
  return { ...input, tables: Object.fromEntries(runnable) }
}

/** A parent that happens to be global makes a declaration wrong; everything else is right. */
function isConsistent(input: object): boolean {
  const tables = new Map(Object.entries((input as TenancyInput).tables ?? {}))
  const isGlobal = ({ through }: TableInput): boolean =>
    typeof through === 'string' && tables.get(through)?.scope === 'global'
  return ![...tables.values()].some(isGlobal)
}

const validDeclaration = declaration.filter(isConsistent)

/** Whether a model came out, or the one error that may. */
function isAnswered(input: unknown): boolean {
  try {
    return isDeepFrozen(parseModel(input))
  } catch (error) {
    return (
      error instanceof WatertightError &&
      error.code === 'INVALID_MODEL' &&
      error.problems.length > 0
    )
  }
}

function isDeepFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isDeepFrozen)
}

describe('whatever the input', () => {
  it('nothing but INVALID_MODEL is thrown', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withBoxedValues: true,
    })
    fc.assert(
      fc.property(anything, (input) => {
        expect(isAnswered(input)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('a fault in any one place of a right declaration is no exception', () => {
    const spoil = fc.tuple(validDeclaration, fc.nat(), fc.anything()).map(([input, seed, junk]) => {
      const copy = structuredClone(input)
      const places: (readonly [object, string])[] = []
      const collect = (node: unknown): void => {
        if (typeof node !== 'object' || node === null) return
        for (const [key, entry] of Object.entries(node)) {
          places.push([node, key])
          collect(entry)
        }
      }
      collect(copy)
      const [node, key] = places[seed % places.length] ?? [copy, 'schemas']
      Object.defineProperty(node, key, { value: junk, enumerable: true, configurable: true })
      return copy
    })
    fc.assert(
      fc.property(spoil, (input) => {
        expect(isAnswered(input)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

describe('every right declaration, hostile names included', () => {
  it('gives a frozen model that is printed and parsed back to itself', () => {
    fc.assert(
      fc.property(validDeclaration, (input) => {
        const model = parseModel(input)
        expect(isDeepFrozen(model)).toBe(true)
        const printed = toInput(model)
        expect(parseModel(printed)).toEqual(model)
        expect(parseModel(JSON.parse(JSON.stringify(printed)))).toEqual(model)
        expect(toInput(parseModel(printed))).toEqual(printed)
      }),
      { numRuns: 500 },
    )
  })

  it('parses the same a second time and leaves the input as it was', () => {
    fc.assert(
      fc.property(validDeclaration, (input) => {
        const before = structuredClone(input)
        expect(parseModel(input)).toEqual(parseModel(input))
        expect(input).toEqual(before)
      }),
    )
  })
})

describe('a table name of any two identifiers', () => {
  it('is written and read back, and has a key of its own', () => {
    fc.assert(
      fc.property(identifier, identifier, identifier, (schema, name, other) => {
        const table = { schema, name }
        expect(parseTableName(formatTableName(table))).toEqual(table)
        expect(parseTableName(tableKey(table))).toEqual(table)
        expect(tableKey({ schema, name: other }) === tableKey(table)).toBe(other === name)
      }),
    )
  })
})
