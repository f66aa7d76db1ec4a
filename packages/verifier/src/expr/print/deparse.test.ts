import { beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, serverMajors } from '../../../../../test/database.js'
import type { TestDatabase } from '../../../../../test/database.js'
import { ordinaryPolicyViews } from '../../../test/expr/policy-views.js'
import { policySchema, serverPolicies } from '../../../test/expr/policy-schema.js'
import { parseExpression, parseSelect } from '../parse.js'
import { loadParser } from '../parser/parser.js'
import { opaqueParts } from '../traverse/walk.js'
import { printExpression, printSelect } from './print.js'

beforeAll(loadParser)

async function deparsedPolicy({ admin }: TestDatabase, text: string): Promise<string> {
  await admin.query(`create policy p on app.orders using (${text})`)
  const { rows } = await admin.query<{ text: string }>(
    `select pg_get_expr(polqual, polrelid) as text from pg_policy where polname = 'p'`,
  )
  await admin.query('drop policy p on app.orders')
  return rows[0]?.text ?? ''
}

async function deparsedView({ admin }: TestDatabase, text: string): Promise<string> {
  await admin.query(`create view app.v as ${text}`)
  const { rows } = await admin.query<{ text: string }>(
    `select pg_get_viewdef('app.v'::regclass) as text`,
  )
  await admin.query('drop view app.v')
  return rows[0]?.text ?? ''
}

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createTestDatabase({ major })
    await database.admin.query(policySchema)
    return () => database.drop()
  })

  it.each(serverPolicies)('the printed policy is the written one: %s', async (text) => {
    const stored = await deparsedPolicy(database, text)
    expect(opaqueParts(parseExpression(stored))).toEqual([])
    // PostgreSQL may print a policy that it printed in yet another way.
    for (const written of [text, stored]) {
      const printed = printExpression(parseExpression(written)).text
      expect(await deparsedPolicy(database, printed)).toBe(await deparsedPolicy(database, written))
    }
  })

  it.each(ordinaryPolicyViews)('the printed view is the written one: %s', async (text) => {
    const stored = await deparsedView(database, text)
    expect(opaqueParts(parseSelect(stored))).toEqual([])
    // PostgreSQL may print a view that it printed in yet another way.
    for (const written of [text, stored]) {
      const printed = printSelect(parseSelect(written)).text
      expect(await deparsedView(database, printed)).toBe(await deparsedView(database, written))
    }
  })
})
