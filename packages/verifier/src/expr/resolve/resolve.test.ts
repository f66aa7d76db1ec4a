import { beforeAll, describe, expect, it } from 'vitest'
import type { BoundColumn, Expr } from '../ir/expr.js'
import { parseExpression, parseSelect } from '../parse.js'
import { loadParser } from '../parser/parser.js'
import { walk, walkSelect } from '../traverse/walk.js'
import { resolve, resolveQuery } from './resolve.js'
import type { NameLookup, Occurrence, ParameterNames, Resolution } from './resolution.js'

beforeAll(loadParser)

const tables: Readonly<Record<string, readonly string[]>> = {
  orders: ['id', 'tenant_id', 'org_id', 'customer_id'],
  members: ['user_id', 'tenant_id', 'role'],
  customers: ['id', 'tenant_id', 'name'],
  units: ['id', 'parent'],
}

const lookup: NameLookup = {
  relation: ({ schema, name }) => {
    const columns = tables[name]
    if (columns === undefined || (schema !== null && schema !== 'app')) return null
    return { schema: 'app', name, columns }
  },
  functionColumns: (call) => (call.function.name === 'unnest' ? 'scalar' : null),
}

const root = { schema: 'app', name: 'orders', columns: tables['orders'] ?? [] }

function inPolicy(text: string, parameters?: ParameterNames): Resolution<Expr> {
  const options = { lookup, relations: [root] }
  return resolve(
    parseExpression(text),
    parameters === undefined ? options : { ...options, parameters },
  )
}

/** Every bound column in order, as `alias.column` of its occurrence. */
function bindings({ node, occurrences }: Resolution<Expr>): readonly string[] {
  const found: string[] = []
  walk(node, {
    expr: (expr) => {
      if (expr.kind === 'bound-column') found.push(named(expr, occurrences))
    },
  })
  return found
}

function named(column: BoundColumn, occurrences: readonly Occurrence[]): string {
  return `${occurrences[column.occurrence]?.alias}.${column.column}`
}

function reasons(resolution: Resolution<unknown>): readonly string[] {
  return resolution.problems.map(({ reason }) => reason)
}

describe('a column reference', () => {
  it.each([
    ['tenant_id = 1', ['orders.tenant_id']],
    ['app.orders.tenant_id = orders.tenant_id', ['orders.tenant_id', 'orders.tenant_id']],
    ['orders.ctid IS NULL', ['orders.ctid']],
    // The author meant the outer row; the inner name hides it.
    [
      'EXISTS (SELECT 1 FROM members m WHERE m.tenant_id = tenant_id)',
      ['m.tenant_id', 'm.tenant_id'],
    ],
    [
      'EXISTS (SELECT 1 FROM members m WHERE m.tenant_id = org_id)',
      ['m.tenant_id', 'orders.org_id'],
    ],
    [
      'EXISTS (SELECT FROM members m WHERE m.tenant_id = orders.tenant_id)',
      ['m.tenant_id', 'orders.tenant_id'],
    ],
    // The alias takes the place of the name, so the outer orders is meant.
    ['EXISTS (SELECT FROM orders o WHERE o.id = orders.id)', ['o.id', 'orders.id']],
    // A column that the inner table lacks is the outer row's, and the condition compares it to itself.
    [
      'customer_id IN (SELECT customer_id FROM customers)',
      ['orders.customer_id', 'orders.customer_id'],
    ],
    [
      'EXISTS (SELECT 1 FROM customers c JOIN members m USING (tenant_id) WHERE tenant_id = orders.tenant_id AND role IS NULL)',
      ['c.tenant_id', 'orders.tenant_id', 'm.role'],
    ],
    [
      'EXISTS (SELECT 1 FROM members m, (SELECT tenant_id AS t FROM customers) s WHERE s.t = m.tenant_id)',
      ['customers.tenant_id', 's.t', 'm.tenant_id'],
    ],
    // Without LATERAL a sub-select does not see its neighbour, but the query around.
    [
      'EXISTS (SELECT 1 FROM members m, (SELECT org_id AS o) s WHERE o = 1)',
      ['orders.org_id', 's.o'],
    ],
    [
      'EXISTS (SELECT 1 FROM members m, LATERAL (SELECT user_id AS o) s WHERE o = 1)',
      ['m.user_id', 's.o'],
    ],
    [
      'EXISTS (WITH s AS (SELECT tenant_id AS t FROM members) SELECT FROM s WHERE s.t = tenant_id)',
      ['members.tenant_id', 's.t', 'orders.tenant_id'],
    ],
    [
      'EXISTS (WITH RECURSIVE up(i, p) AS (SELECT id, parent FROM units UNION SELECT u.id, u.parent FROM units u JOIN up ON up.p = u.id) SELECT FROM up WHERE up.i = org_id)',
      ['units.id', 'units.parent', 'u.id', 'u.parent', 'up.p', 'u.id', 'up.i', 'orders.org_id'],
    ],
    [
      'EXISTS (SELECT FROM members AS m(u, t, r) WHERE t = tenant_id)',
      ['m.tenant_id', 'orders.tenant_id'],
    ],
    [
      'EXISTS (SELECT FROM unnest(ARRAY[id]) AS x WHERE x = org_id)',
      ['orders.id', 'x.x', 'orders.org_id'],
    ],
    ["EXISTS (SELECT FROM jsonb_array_elements('[]') AS e WHERE e.value IS NULL)", ['e.value']],
    ['ARRAY(SELECT c.name AS tenant_id FROM customers c ORDER BY tenant_id) IS NULL', ['c.name']],
    [
      'EXISTS (SELECT FROM (customers c JOIN members m ON c.tenant_id = m.tenant_id) AS j(i) WHERE i = j.name)',
      ['c.tenant_id', 'm.tenant_id', 'c.id', 'c.name'],
    ],
  ])('is bound as PostgreSQL binds it: %s', (text, expected) => {
    const resolution = inPolicy(text)
    expect(resolution.problems).toEqual([])
    expect(bindings(resolution)).toEqual(expected)
  })

  it('that names a relation is the whole row', () => {
    const { node, problems } = inPolicy('EXISTS (SELECT FROM members m WHERE f(m, orders.*))')
    expect(problems).toEqual([])
    expect(JSON.stringify(node).match(/"kind":"bound-row","occurrence":\d/g)).toEqual([
      '"kind":"bound-row","occurrence":1',
      '"kind":"bound-row","occurrence":0',
    ])
  })

  it.each([
    ['nothing = 1', 'unknown-column'],
    ['members.role = 1', 'unknown-column'],
    ['EXISTS (SELECT FROM customers c, members m WHERE tenant_id = 1)', 'ambiguous-column'],
    ['EXISTS (SELECT FROM secrets WHERE id = 1)', 'unknown-relation'],
    ['EXISTS (SELECT FROM f() WHERE id = 1)', 'unknown-columns'],
    ['EXISTS (SELECT FROM f() AS x WHERE x.id = 1)', 'unknown-columns'],
    ['EXISTS (SELECT FROM customers c WHERE orders.name = 1)', 'unknown-column'],
  ])('that cannot be resolved stays and is a problem: %s', (text, reason) => {
    const resolution = inPolicy(text)
    expect(reasons(resolution)).toContain(reason)
    expect(JSON.stringify(resolution.node)).toContain('"kind":"column"')
  })
})

describe('a name in a function body', () => {
  const sql: ParameterNames = {
    functionName: 'f',
    names: ['tenant_id', 'p'],
    whenColumn: 'column-wins',
  }
  const plpgsql: ParameterNames = { ...sql, whenColumn: 'error' }

  it('is a column before it is an argument in SQL', () => {
    const found = inPolicy('tenant_id = p AND f.tenant_id = p.x', sql)
    expect(found.problems).toEqual([])
    expect(bindings(found)).toEqual(['orders.tenant_id'])
    expect(JSON.stringify(found.node).match(/"kind":"parameter"/g)).toHaveLength(3)
  })

  it('is an error in PL/pgSQL when it is both', () => {
    expect(reasons(inPolicy('tenant_id = p', plpgsql))).toEqual(['variable-conflict'])
    expect(reasons(inPolicy('org_id = p', plpgsql))).toEqual([])
  })
})

describe('a resolved query', () => {
  it('has its stars replaced by columns', () => {
    const { node, problems } = resolveQuery(
      parseSelect('SELECT *, m.* FROM customers JOIN members m USING (tenant_id)'),
      { lookup },
    )
    expect(problems).toEqual([])
    const names = node.kind === 'select' ? node.targets.map(({ alias }) => alias) : []
    expect(names).toEqual([
      'tenant_id',
      'id',
      'name',
      'user_id',
      'role',
      'user_id',
      'tenant_id',
      'role',
    ])
  })

  it('says which from-item each occurrence is', () => {
    const { node, occurrences } = resolveQuery(
      parseSelect('WITH c AS (SELECT id FROM app.units) SELECT c.id FROM c, orders'),
      { lookup },
    )
    expect(occurrences).toMatchObject([
      { id: 0, kind: 'relation', schema: 'app', name: 'units' },
      { id: 1, kind: 'cte', schema: null, name: 'c', columns: ['id'] },
      { id: 2, kind: 'relation', schema: 'app', name: 'orders' },
    ])
    const ids: (number | null)[] = []
    walkSelect(node, {
      fromItem: (item) => {
        if (item.kind === 'table') ids.push(item.occurrence)
      },
    })
    expect(ids.toSorted()).toEqual([0, 1, 2])
  })
})
