import { beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, serverMajors } from '../../../../../test/database.js'
import type { TestDatabase } from '../../../../../test/database.js'
import { policySchema, serverPolicies } from '../../../test/expr/policy-schema.js'
import type { Expr } from '../ir/expr.js'
import { parseExpression } from '../parse.js'
import { loadParser } from '../parser/parser.js'
import { walk } from '../traverse/walk.js'
import { resolve } from './resolve.js'
import type { NameLookup, RelationColumns } from './resolution.js'

beforeAll(loadParser)

/** Policies whose bare names an author may well misread. */
const captures: readonly string[] = [
  'exists (select from app.members where tenant_id = tenant_id)',
  'exists (select from app.members where user_id = id)',
  'exists (select from app.units where id = org_id and tenant_id = orders.tenant_id)',
  'exists (select from app.orders o where o.id = orders.id and tenant_id = o.org_id)',
  'exists (select from app.members m where exists (select from app.units where tenant_id = m.tenant_id and id = org_id and name is null))',
  'org_id in (select org_id from app.members)',
  'exists (select from app.members m, (select org_id as role) s where s.role = tenant_id)',
  'exists (select from app.members m join app.units u on u.id = org_id where parent = user_id)',
  'exists (select from (app.members m join app.units u using (tenant_id)) where tenant_id = org_id)',
  'exists (select from (app.members join app.units using (tenant_id)) as j where tenant_id = org_id)',
  'exists (with members as (select id as tenant_id from app.units) select from members where tenant_id = org_id)',
  'exists (select role as name from app.members order by name)',
  'exists (select max(user_id::text) as role from app.members group by role)',
  'exists (select from app.seed as id(tenant_id) where tenant_id = n)',
  'exists (select from unnest(ids) as tenant_id where tenant_id = id)',
  'exists (select from app.members as orders where orders.tenant_id = org_id)',
]

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  let database: TestDatabase
  let relations: readonly RelationColumns[]

  beforeAll(async () => {
    database = await createTestDatabase({ major })
    await database.admin.query(policySchema)
    const { rows } = await database.admin.query<RelationColumns>(`
      select nspname as schema, relname as name, array_agg(attname::text order by attnum) as columns
      from pg_attribute join pg_class c on c.oid = attrelid
        join pg_namespace n on n.oid = relnamespace
      where attnum > 0 and nspname = 'app' group by 1, 2`)
    relations = rows
    return () => database.drop()
  })

  /** The set of columns that an expression reads, by relation and by the query level's alias. */
  function readColumns(expr: Expr): readonly string[] {
    const lookup: NameLookup = {
      relation: ({ name }) => relations.find((relation) => relation.name === name) ?? null,
      functionColumns: () => 'scalar',
    }
    const root = relations.find(({ name }) => name === 'orders')
    if (root === undefined) throw new Error('no app.orders')
    const { node, occurrences, problems } = resolve(expr, { lookup, relations: [root] })
    expect(problems).toEqual([])
    const found = new Set<string>()
    walk(node, {
      expr: (inner) => {
        if (inner.kind !== 'bound-column') return
        const occurrence = occurrences[inner.occurrence]
        const place = inner.occurrence === 0 ? 'the row' : occurrence?.kind
        found.add(`${place} ${occurrence?.name}.${inner.column}`)
      },
    })
    return [...found].toSorted()
  }

  it.each([...captures, ...serverPolicies])('names mean what they mean in %s', async (text) => {
    const { admin } = database
    await admin.query(`create policy p on app.orders using (${text})`)
    // PostgreSQL prints every name that could be misread with its relation.
    const { rows } = await admin.query<{ text: string }>(
      `select pg_get_expr(polqual, polrelid) as text from pg_policy where polname = 'p'`,
    )
    await admin.query('drop policy p on app.orders')
    const stored = readColumns(parseExpression(rows[0]?.text ?? ''))
    expect(readColumns(parseExpression(text))).toEqual(stored)
  })
})
