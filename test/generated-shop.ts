import { readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot } from 'watertight/catalog'
import { applyPlan, makePlan } from 'watertight/migrate'
import { parseModel } from 'watertight/model'
import type { TableInput, TenancyInput, TenancyModel } from 'watertight/model'
import { createTestDatabase } from './database.js'
import type { TestDatabase } from './database.js'
import { shopSchema, shopTenancy } from '../packages/watertight/src/migrate/testing/shop.js'

type Context = NonNullable<TenancyInput['context']>

/** Every kind of context that a layer can be generated for. */
export const contexts = {
  signed: { kind: 'signed' },
  guc: {
    kind: 'guc',
    tenant: 'app.tenant_id',
    user: 'app.user_id',
    orgUnits: 'app.org_units',
  },
  'jwt-claims': {
    kind: 'jwt-claims',
    guc: 'request.jwt.claims',
    tenant: '/app_metadata/tenant_id',
    user: '/sub',
  },
  membership: {
    kind: 'membership',
    user: { guc: 'app.user_id' },
    via: { table: 'shop.memberships', user: 'user_id', tenant: 'tenant_id' },
  },
} as const satisfies Readonly<Record<string, Context>>

export type ContextKind = keyof typeof contexts

/** A shop with one of everything, under the isolation layer that watertight generates for it. */
export interface GeneratedShop {
  readonly database: TestDatabase
  readonly model: TenancyModel
  catalog(): Promise<CatalogSnapshot>
  /** The catalog after statements that are then rolled back; `{app}`, `{auditor}` … are roles. */
  altered(statements: string): Promise<CatalogSnapshot>
}

const consent = ['WIDENS_ACCESS', 'DISABLES_RLS', 'DROPS_POLICY', 'GRANTS_BYPASS', 'DELETES_DATA']

export async function openGeneratedShop(kind: ContextKind): Promise<GeneratedShop> {
  const database = await createTestDatabase()
  const { admin, rolePrefix } = database
  await admin.query(shopSchema)
  const model = parseModel(inputFor(kind, rolePrefix))
  await applyPlan(admin, await makePlan(admin, model), { allow: consent })
  const catalog = (): Promise<CatalogSnapshot> => readCatalog(admin, { schemas: 'all' })
  return {
    database,
    model,
    catalog,
    async altered(statements) {
      await admin.query('begin')
      try {
        await admin.query(
          statements.replaceAll(/\{(\w+)\}/g, (_, role: string) => `${rolePrefix}_${role}`),
        )
        return await readCatalog(admin, { schemas: 'all' })
      } finally {
        await admin.query('rollback')
      }
    },
  }
}

/** Claims and memberships carry no org units, so that the tables of units are the tenant's there. */
function inputFor(kind: ContextKind, rolePrefix: string): TenancyInput {
  const whole = shopTenancy(rolePrefix)
  const own: Pick<TenancyInput, 'context' | 'include'> = {
    context: contexts[kind],
    include: ['composite-foreign-keys'],
  }
  if (kind === 'signed') return { ...whole, ...own }
  const { orgUnits: _units, accessGrants: _grants, ...rest } = whole
  if (kind === 'guc') return { ...rest, ...own, orgUnits: {} }
  const tables = Object.entries(whole.tables ?? {}).map(([name, table]): [string, TableInput] => [
    name,
    table.scope === 'org' ? { ...table, scope: 'tenant' } : table,
  ])
  return { ...rest, ...own, tables: Object.fromEntries(tables) }
}
