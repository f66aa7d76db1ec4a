import type { ContextInput } from 'watertight/model'
import { leaf } from '../expression.js'
import { numbersFrom, one, weighted } from '../numbers.js'
import type { Pick } from '../numbers.js'
import type { FuzzColumn, FuzzTable, Kind, World } from '../world.js'
import { condition } from './condition.js'
import { contextsOf, users } from './contexts.js'
import { functionsOf } from './functions.js'
import type { Maker, ReadableTable } from './maker.js'
import { policiesOf } from './policies.js'
import type { About } from './policies.js'
import { rowOf } from './rows.js'
import { search } from './search.js'
import { sqlTypes, valuesOf } from './vocabulary.js'

export interface WorldSize {
  /** Tables with policies of their own, beside the two that all may read. */
  readonly tables: number
  readonly rows: number
  readonly writes: number
  readonly contexts: number
}

/** Makes a world from a seed: the same seed gives the same world. */
export function worldOf(seed: number, size: WorldSize): World {
  const pick = numbersFrom(seed)
  const tenantKind = weighted<Kind>(pick, [
    [24, 'uuid'],
    [16, 'int'],
    [20, 'text'],
    ...(['enum', 'name', 'citext', 'bpchar', 'numeric', 'loose'] as const).map(
      (kind) => [1, kind] as const,
    ),
  ])
  const context = one<ContextInput>(pick, [
    { kind: 'guc', tenant: '{w}.tenant', user: '{w}.user' },
    { kind: 'guc', tenant: '{w}.tenant', user: '{w}.user' },
    { kind: 'jwt-claims', guc: '{w}.claims', tenant: '/app/tenant', user: '/sub' },
    {
      kind: 'membership',
      user: { guc: '{w}.user' },
      via: { table: '{s}.m', user: 'user_id', tenant: 'tenant_id' },
    },
  ])
  const member = { name: 'm', columns: columnsOf(pick, tenantKind, true) }
  const parent = { name: 'p', columns: columnsOf(pick, tenantKind, true) }
  const base: Maker = {
    pick,
    references: [],
    tables: [member, parent],
    functions: [],
    tenantKind,
    context,
    grammar: { condition, search },
    counter: { next: 0 },
  }
  const functions = functionsOf(base)
  const shared: ReadableTable[] = [member, parent]
  const tables: FuzzTable[] = shared.map((table) =>
    tableOf(
      { ...base, tables: [], functions: functions.filter(({ reads }) => !reads) },
      table,
      size,
      {
        secured: pick(2) === 0,
        privileges: weighted(pick, [
          [4, ['select']],
          [1, ['select', 'insert', 'update', 'delete']],
        ]),
      },
    ),
  )
  for (let index = 0; index < size.tables; index += 1) {
    const table = { name: `t${index}`, columns: columnsOf(pick, tenantKind, pick(3) > 0) }
    const full = { secured: true, privileges: ['select', 'insert', 'update', 'delete'] }
    tables.push(tableOf({ ...base, functions }, table, size, full))
  }
  return {
    seed,
    tenantKind,
    keyType: tenantKind === 'uuid' ? 'uuid' : tenantKind === 'int' ? 'bigint' : 'text',
    context,
    runtime: pick(3) === 0 ? 'lone' : 'app',
    functions,
    tables,
    contexts: contextsOf(pick, context, tenantKind, size.contexts),
    writes: tables.map(({ columns }) =>
      Array.from({ length: size.writes }, (_, index) =>
        rowOf(pick, columns, { id: String(100 + index) }),
      ),
    ),
  }
}

function columnsOf(pick: Pick, tenantKind: Kind, isTenantNotNull: boolean): readonly FuzzColumn[] {
  const column = (name: string, kind: Kind, notNull: boolean = false): FuzzColumn => ({
    name,
    kind,
    sqlType: one(pick, sqlTypes[kind]),
    notNull,
    values: valuesOf[kind],
  })
  const state = one<Kind>(pick, ['text', 'text', 'enum', 'name', 'citext', 'loose', 'bpchar'])
  return [
    { ...column('id', 'int', true), sqlType: 'int', values: ['1', '2', '3', '4', '5'] },
    column('tenant_id', tenantKind, isTenantNotNull),
    { ...column('user_id', 'text'), values: users },
    column('state', state),
    column('n', 'int'),
    column('flag', 'bool'),
    column('doc', 'json'),
    column('tags', 'tags'),
  ]
}

function tableOf(
  maker: Maker,
  { name, columns: all }: ReadableTable,
  size: WorldSize,
  { secured, privileges }: Part<FuzzTable, 'secured' | 'privileges'>,
): FuzzTable {
  const { pick } = maker
  const isShared = maker.tables.length === 0
  const isChild = !isShared && pick(6) === 0
  const link: FuzzColumn = {
    name: 'p_id',
    kind: 'int',
    sqlType: 'int',
    notNull: true,
    values: ['1', '2', '3'],
  }
  const columns = isChild ? all.map((column) => (column.name === 'tenant_id' ? link : column)) : all
  const references = columns.map((column) => ({ sql: `${name}.${column.name}`, kind: column.kind }))
  const inner: Maker = { ...maker, references }
  const about: About = isChild
    ? (make) => {
        const test = make(leaf(maker.tenantKind, 'q.tenant_id'))
        return {
          kind: 'bool',
          parts: [`exists (select 1 from {s}.p q where q.id = ${name}.p_id and `, test, ')'],
        }
      }
    : (make) => make(leaf(maker.tenantKind, `${name}.tenant_id`))
  const hasPolicies = secured
  return {
    name,
    columns,
    constraints: [
      ...(isChild ? ['foreign key (p_id) references {s}.p'] : []),
      ...(pick(4) === 0 ? ['check (n >= 0)'] : []),
      ...(!isChild && pick(6) === 0 ? ['unique (tenant_id, n)'] : []),
      ...(!isChild && isShared && pick(4) === 0 ? ['unique (user_id, tenant_id)'] : []),
    ],
    secured,
    forced: pick(2) === 0,
    grantee: isShared
      ? '{grp}'
      : weighted(pick, [
          [3, '{runtime}'],
          [1, '{grp}'],
        ]),
    privileges,
    policies: hasPolicies ? policiesOf(inner, about, isShared ? 1 : pick(5) === 0 ? 3 : 2) : [],
    rows: Array.from({ length: isShared ? 4 : size.rows }, (_, index) =>
      rowOf(pick, columns, { id: String(index + 1) }),
    ),
    isChild,
  }
}

type Part<T, K extends keyof T> = { readonly [key in K]: T[key] }
