import { expect } from 'vitest'
import { WatertightError } from 'watertight/errors'
import type { DenialExplanation, RowKey, WhyOptions } from 'watertight/explain'
import { parseTenantContext } from 'watertight/runtime'
import type { TenantContext, TxManager } from 'watertight/runtime'
import { grants, ids } from './attacked-shop.js'
import { context, later, visitor } from './denial-shop.js'

/** A question, and what is to be answered. */
export interface DenialCase {
  readonly name: string
  readonly table: string
  readonly id: RowKey
  readonly context?: () => TenantContext
  readonly options?: WhyOptions
  /** The statement that the application runs; what it does must be what is explained. */
  readonly statement: readonly [text: string, ...values: unknown[]]
  readonly expected: Partial<DenialExplanation>
}

/** A table with a hostile name, and a key of columns with hostile names. */
export const odd = 'shop."naïve \\ ""table"""'

/** Statements that are refused, find nothing, or run, by reason. */
export const denialCases: readonly DenialCase[] = [
  {
    name: 'a row of its own is allowed',
    table: 'shop.orders',
    id: 1,
    statement: ['select * from shop.orders where id = 1'],
    expected: { outcome: 'allowed', reason: 'allowed', hint: null },
  },
  {
    name: 'a row of another tenant',
    table: 'shop.orders',
    id: 1000,
    statement: ['select * from shop.orders where id = 1000'],
    expected: {
      outcome: 'hidden',
      reason: 'other-tenant',
      claim: 'tenant_id',
      policy: 'watertight_member_guard',
    },
  },
  {
    name: 'no row at all',
    table: 'shop.orders',
    id: 777,
    statement: ['select * from shop.orders where id = 777'],
    expected: { outcome: 'hidden', reason: 'row-not-found', policy: null },
  },
  {
    name: 'a unit beside the org scope of the context',
    table: 'shop.orders',
    id: 1,
    context: () => context({ orgScope: 'unit', orgUnitId: ids.acmeLeaf }),
    statement: ['select * from shop.orders where id = 1'],
    expected: { outcome: 'hidden', reason: 'outside-org-scope', claim: 'org_unit_ids' },
  },
  {
    name: 'a context without an org scope',
    table: 'shop.orders',
    id: 1,
    context: () => context({ orgScope: null }),
    statement: ['select * from shop.orders where id = 1'],
    expected: { outcome: 'hidden', reason: 'claim-absent', claim: 'org_unit_ids' },
  },
  {
    name: 'the preferences of another user of the tenant',
    table: 'shop.preferences',
    id: { user_id: ids.al, tenant_id: ids.acme },
    statement: ['select * from shop.preferences where user_id = $1', ids.al],
    expected: { outcome: 'hidden', reason: 'other-user', claim: 'user_id' },
  },
  {
    name: 'a context without a user',
    table: 'shop.preferences',
    id: { user_id: ids.al, tenant_id: ids.acme },
    context: () => context({ userId: null }),
    statement: ['select * from shop.preferences where user_id = $1', ids.al],
    expected: { outcome: 'hidden', reason: 'claim-absent', claim: 'user_id' },
  },
  {
    name: 'a line whose order belongs to another tenant',
    table: 'shop.order_lines',
    id: 1000,
    statement: ['select * from shop.order_lines where id = 1000'],
    expected: { outcome: 'hidden', reason: 'related-row-missing' },
  },
  {
    name: 'a capability that the context lacks',
    table: 'shop.parent1',
    id: 1,
    options: { command: 'DELETE' },
    statement: ['delete from shop.parent1 where id = 1'],
    expected: {
      outcome: 'hidden',
      reason: 'missing-capability',
      claim: 'capability refunds:write',
      policy: 'needs refunds',
    },
  },
  {
    name: 'the capability that the policy asks for',
    table: 'shop.parent1',
    id: 1,
    context: () => context({ capabilities: ['refunds:write'] }),
    options: { command: 'DELETE' },
    statement: ['delete from shop.parent1 where id = 1'],
    expected: { outcome: 'allowed', reason: 'allowed' },
  },
  {
    name: 'an insert for another tenant',
    table: 'shop.products',
    id: null,
    options: { values: { tenant_id: ids.globex, sku: 'n', title: 'n' } },
    statement: [
      `insert into shop.products (tenant_id, sku, title) values ($1, 'n', 'n')`,
      ids.globex,
    ],
    expected: { outcome: 'refused', reason: 'other-tenant', claim: 'tenant_id' },
  },
  {
    name: 'an insert whose tenant comes from the context by default',
    table: 'shop.products',
    id: null,
    options: { values: { sku: 'n', title: 'n' } },
    statement: [`insert into shop.products (sku, title) values ('n', 'n')`],
    expected: { outcome: 'allowed' },
  },
  {
    name: 'an insert into an org unit outside of the scope',
    table: 'shop.orders',
    id: null,
    context: () => context({ orgScope: 'unit', orgUnitId: ids.acmeLeaf }),
    options: { values: { id: 9, org_unit_id: ids.acmeRoot } },
    statement: ['insert into shop.orders (id, org_unit_id) values (9, $1)', ids.acmeRoot],
    expected: { outcome: 'refused', reason: 'outside-org-scope', claim: 'org_unit_ids' },
  },
  {
    name: 'an update that moves a row to another tenant',
    table: 'shop.products',
    id: ids.acme,
    options: { command: 'UPDATE', values: { tenant_id: ids.globex } },
    statement: ['update shop.products set tenant_id = $1 where id = $2', ids.globex, ids.acme],
    expected: { outcome: 'refused', reason: 'other-tenant', claim: 'tenant_id' },
  },
  {
    name: 'an update of a row of another tenant',
    table: 'shop.products',
    id: ids.globex,
    options: { command: 'UPDATE', values: { title: 'mine' } },
    statement: [`update shop.products set title = 'mine' where id = $1`, ids.globex],
    expected: { outcome: 'hidden', reason: 'other-tenant' },
  },
  {
    name: 'an update that a condition of the author refuses',
    table: 'shop.reviews',
    id: 1,
    options: { command: 'UPDATE', values: { body: 'forbidden' } },
    statement: [`update shop.reviews set body = 'forbidden' where id = 1`],
    expected: {
      outcome: 'refused',
      reason: 'policy-condition',
      policy: 'only drafts',
      claim: null,
    },
  },
  {
    name: 'an update of an append-only table',
    table: 'shop.events',
    id: { id: 1 },
    options: { command: 'UPDATE', values: { payload: '{"x":1}' } },
    statement: [`update shop.events set payload = '{"x":1}' where id = 1`],
    expected: { outcome: 'refused', reason: 'append-only', policies: [] },
  },
  {
    name: 'a delete that the model does not allow',
    table: 'shop.users',
    id: ids.ann,
    options: { command: 'DELETE' },
    statement: ['delete from shop.users where id = $1', ids.ann],
    expected: { outcome: 'refused', reason: 'missing-table-grant' },
  },
  {
    name: 'a redacted column read by an auditor',
    table: 'shop.products',
    id: ids.acme,
    context: () => visitor('auditor', grants.audit),
    statement: ['select * from shop.products where id = $1', ids.acme],
    expected: {
      outcome: 'refused',
      reason: 'missing-column-grant',
      mode: 'auditor',
      hint: expect.stringContaining('SELECT on cost'),
    },
  },
  {
    name: 'the other columns read by an auditor',
    table: 'shop.products',
    id: ids.acme,
    context: () => visitor('auditor', grants.audit),
    options: { columns: ['id', 'title'] },
    statement: ['select title from shop.products where id = $1', ids.acme],
    expected: { outcome: 'allowed' },
  },
  ...(['revoked', 'expired', 'future', 'anns'] as const).map((grant): DenialCase => ({
    name: `an auditor whose grant is ${grant}`,
    table: 'shop.org_units',
    id: ids.acmeRoot,
    context: () => visitor('auditor', grants[grant]),
    statement: ['select * from shop.org_units where id = $1', ids.acmeRoot],
    expected: { outcome: 'hidden', reason: 'access-grant-ended', claim: 'auditor_tenant_id' },
  })),
  {
    name: 'a write under a grant to read',
    table: 'shop.products',
    id: null,
    context: () => visitor('platform', grants.read),
    options: { values: { tenant_id: ids.acme, sku: 'n', title: 'n' } },
    statement: [
      `insert into shop.products (tenant_id, sku, title) values ($1, 'n', 'n')`,
      ids.acme,
    ],
    expected: {
      outcome: 'refused',
      reason: 'access-grant-read-only',
      claim: 'platform_write_tenant_id',
    },
  },
  {
    name: 'a schema that the role may not use',
    table: 'vault.things',
    id: 1,
    statement: ['select * from vault.things where id = 1'],
    expected: { outcome: 'refused', reason: 'missing-schema-usage' },
  },
  {
    name: 'a policy that reads what the role may not read',
    table: 'shop.blind',
    id: 1,
    statement: ['select * from shop.blind where id = 1'],
    expected: {
      outcome: 'refused',
      reason: 'missing-policy-grant',
      hint: expect.stringContaining('SELECT on watertight.signing_keys'),
    },
  },
  {
    name: 'row security without a policy',
    table: 'shop.locked',
    id: 1,
    statement: ['select * from shop.locked where id = 1'],
    expected: { outcome: 'hidden', reason: 'no-policy', policies: [] },
  },
  {
    name: 'an insert without a policy',
    table: 'shop.locked',
    id: null,
    options: { values: { id: 2 } },
    statement: ['insert into shop.locked values (2)'],
    expected: { outcome: 'refused', reason: 'no-policy' },
  },
  {
    name: 'a serial whose sequence the role cannot use',
    table: 'shop.serials',
    id: null,
    options: { values: { tenant_id: ids.acme } },
    statement: ['insert into shop.serials (tenant_id) values ($1)', ids.acme],
    expected: { outcome: 'refused', reason: 'missing-sequence-grant' },
  },
  {
    name: 'hostile names and a composite key, own row',
    table: odd,
    id: { 'a "key"': "it's", 'Key 2': 1n },
    statement: [`select * from ${odd} where "Key 2" = 1`],
    expected: { outcome: 'allowed' },
  },
  {
    name: 'hostile names and a composite key, foreign row',
    table: odd,
    id: { 'a "key"': "it's", 'Key 2': 2n },
    statement: [`select * from ${odd} where "Key 2" = 2`],
    expected: { outcome: 'hidden', reason: 'other-tenant', policy: 'a "p\u001b[31m"' },
  },
  {
    name: 'a table with quotes in its name',
    table: 'shop."Odd ""Name"',
    id: { select: 'globex' },
    statement: [`select * from shop."Odd ""Name" where "select" = 'globex'`],
    expected: { outcome: 'hidden', reason: 'other-tenant' },
  },
  {
    name: 'a published row, for anyone, without a context of a tenant',
    table: 'shop.products',
    id: ids.acme,
    context: () => parseTenantContext({ mode: 'public', expiresAt: later }),
    options: { columns: ['id', 'title'] },
    statement: ['select title from shop.products where id = $1', ids.acme],
    expected: { outcome: 'allowed', mode: 'public' },
  },
]

/** What the server makes of the statement, in the words of an explanation. */
export async function outcomeOf(
  on: TxManager,
  { statement, ...rest }: DenialCase,
): Promise<string> {
  const [text, ...values] = statement
  const undone = new Error('undone')
  let outcome = ''
  await on
    .run((rest.context ?? context)(), async (handle) => {
      const { rowCount } = await handle.query(text, values)
      outcome = rowCount === 0 ? 'hidden' : 'allowed'
      throw undone
    })
    .catch((error: unknown) => {
      if (error === undone) return
      if (!(error instanceof WatertightError) || error.code !== 'ACCESS_DENIED') throw error
      outcome = 'refused'
    })
  return outcome
}
