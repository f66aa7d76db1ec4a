import type pg from 'pg'
import { defineTenancy } from 'watertight/model'
import type { RuntimeRole, TenancyModel } from 'watertight/model'
import {
  addSigningKey,
  applyPlan,
  makePlan,
  retireSigningKey,
  revokeSigningKey,
} from 'watertight/migrate'
import { ident, joinSql, sql } from 'watertight/sql'
import { shopSchema, shopTenancy } from '../packages/watertight/src/migrate/testing/shop.js'
import type { Forge, ForgingKey, RawClaims } from './context-forgery.js'
import { tokenOf } from './context-forgery.js'
import { createTestDatabase } from './database.js'
import type { ServerMajor, TestDatabase } from './database.js'
import { runEnvironment } from './run-environment.js'

/** Ids of the rows that {@link openAttackedShop} puts there. Rows with serial ids: globex from 1000 on. */
export const ids = {
  acme: 'aaaaaaaa-0000-4000-8000-000000000000',
  globex: 'bbbbbbbb-0000-4000-8000-000000000000',
  /** Ann and Al are acme's, Gil is globex's, Bea belongs to both. */
  ann: 'aaaaaaaa-0000-4000-8000-000000000001',
  al: 'aaaaaaaa-0000-4000-8000-000000000002',
  gil: 'bbbbbbbb-0000-4000-8000-000000000001',
  bea: 'abababab-0000-4000-8000-000000000001',
  /** Sam has grants and no membership. */
  sam: '55555555-0000-4000-8000-000000000001',
  acmeRoot: 'aaaaaaaa-0000-4000-8000-0000000000f0',
  acmeLeaf: 'aaaaaaaa-0000-4000-8000-0000000000f1',
  globexRoot: 'bbbbbbbb-0000-4000-8000-0000000000f0',
} as const

/** Access grants to acme (all but `globexAudit`), by what is the matter with them. */
export const grants = {
  audit: '00000000-0000-4000-8000-00000000000a',
  read: '00000000-0000-4000-8000-00000000000b',
  write: '00000000-0000-4000-8000-00000000000c',
  revoked: '00000000-0000-4000-8000-00000000000d',
  expired: '00000000-0000-4000-8000-00000000000e',
  future: '00000000-0000-4000-8000-00000000000f',
  anns: '00000000-0000-4000-8000-000000000010',
  globexAudit: '00000000-0000-4000-8000-000000000011',
  globexRead: '00000000-0000-4000-8000-000000000012',
} as const

const rows = `
insert into shop.tenants values ('${ids.acme}', 'acme'), ('${ids.globex}', 'globex');
insert into shop.users values ('${ids.ann}', 'ann@acme'), ('${ids.al}', 'al@acme'),
  ('${ids.gil}', 'gil@globex'), ('${ids.bea}', 'bea@both'), ('${ids.sam}', 'sam@support');
insert into shop.memberships values ('${ids.ann}', '${ids.acme}'), ('${ids.al}', '${ids.acme}'),
  ('${ids.gil}', '${ids.globex}'), ('${ids.bea}', '${ids.acme}'), ('${ids.bea}', '${ids.globex}');
insert into shop.org_units values ('${ids.acmeRoot}', '${ids.acme}', null, 'root'),
  ('${ids.acmeLeaf}', '${ids.acme}', '${ids.acmeRoot}', 'leaf'), ('${ids.globexRoot}', '${ids.globex}', null, 'root');
insert into shop.access_grants values
  ('${grants.audit}', '${ids.acme}', '${ids.sam}', 'auditor', false, now() - interval '1 day', now() + interval '1 day', null),
  ('${grants.read}', '${ids.acme}', '${ids.sam}', 'platform', false, now() - interval '1 day', now() + interval '1 day', null),
  ('${grants.write}', '${ids.acme}', '${ids.sam}', 'platform', true, now() - interval '1 day', now() + interval '1 day', null),
  ('${grants.revoked}', '${ids.acme}', '${ids.sam}', 'auditor', true, now() - interval '1 day', now() + interval '1 day', now()),
  ('${grants.expired}', '${ids.acme}', '${ids.sam}', 'auditor', true, now() - interval '1 day', now() - interval '1 second', null),
  ('${grants.future}', '${ids.acme}', '${ids.sam}', 'auditor', true, now() + interval '1 hour', now() + interval '1 day', null),
  ('${grants.anns}', '${ids.acme}', '${ids.ann}', 'auditor', true, now() - interval '1 day', now() + interval '1 day', null),
  ('${grants.globexAudit}', '${ids.globex}', '${ids.sam}', 'auditor', false, now() - interval '1 day', now() + interval '1 day', null),
  ('${grants.globexRead}', '${ids.globex}', '${ids.sam}', 'platform', false, now() - interval '1 day', now() + interval '1 day', null);
insert into shop.products (id, tenant_id, sku, status, title, cost) values
  ('${ids.acme}', '${ids.acme}', 'a1', 'published', 'anvil', 11.25), (default, '${ids.acme}', 'a2', 'draft', 'rocket', 22.5),
  ('${ids.globex}', '${ids.globex}', 'g1', 'published', 'ray', 33.75), (default, '${ids.globex}', 'g2', 'draft', 'moon', 44);
insert into shop.reviews (tenant_id, product_id, author_id, body)
  select tenant_id, id, null, title from shop.products;
insert into shop.orders (id, tenant_id, org_unit_id, card_number, note) values
  (1, '${ids.acme}', '${ids.acmeRoot}', '4111-1111', 'root'), (2, '${ids.acme}', '${ids.acmeLeaf}', '4222-2222', 'leaf'),
  (1000, '${ids.globex}', '${ids.globexRoot}', '4999-9999', 'root');
insert into shop.order_lines (id, order_id, quantity) select id, id, id from shop.orders;
insert into shop.line_notes (id, line_id, body) select id, id, 'note' from shop.order_lines;
insert into shop.parent1 (id, line_id) select id, id from shop.order_lines;
insert into shop.events (tenant_id, at, payload) select id, at, '{}' from shop.tenants, unnest(array['2026-06-01', '2030-01-01']::timestamptz[]) at;
insert into shop.currencies values ('EUR', 'Euro');
insert into shop.preferences select user_id, tenant_id from shop.memberships;
insert into shop."Odd ""Name" ("Tenant", "select") select id, name from shop.tenants;
`

/** Who owns what a role sees: `table, tenant, count` for each table it may read. */
const owners: Readonly<Record<string, string>> = {
  tenants: 'id',
  users: `case when id in ('${ids.ann}', '${ids.al}') then '${ids.acme}' when id = '${ids.gil}' then '${ids.globex}' else id end`,
  memberships: 'tenant_id',
  org_units: 'tenant_id',
  access_grants: 'tenant_id',
  products: `case when title in ('anvil', 'rocket') then '${ids.acme}' else '${ids.globex}' end`,
  reviews: `case when body in ('anvil', 'rocket') then '${ids.acme}' else '${ids.globex}' end`,
  orders: 'tenant_id',
  order_lines: `case when id < 1000 then '${ids.acme}' else '${ids.globex}' end`,
  line_notes: `case when id < 1000 then '${ids.acme}' else '${ids.globex}' end`,
  parent1: `case when id < 1000 then '${ids.acme}' else '${ids.globex}' end`,
  events: 'tenant_id',
  preferences: 'tenant_id',
  'Odd "Name': '"Tenant"',
}

/** An SQL query for what a role sees of whom: `name`, `tenant`, `rows`. Global tables are left out. */
export function ownersQuery(tables: readonly string[]): string {
  return tables
    .map(
      (name) =>
        `select '${name}' as name, (${owners[name]})::text as tenant, count(*)::int as rows from ${
          sql`shop.${ident(name)}`.text
        } group by 2`,
    )
    .join(' union all ')
}

export type AttackedRole = RuntimeRole

const attackedRoles: readonly AttackedRole[] = ['app', 'worker', 'auditor', 'platform', 'public']

/** A shop of two tenants behind the generated isolation layer. */
export interface AttackedShop extends TestDatabase {
  readonly model: TenancyModel
  /** What forgers of a mode's tokens have. */
  forge(mode: AttackedRole): Forge
  /** The honest token of acme for a mode, with other claims where given. */
  token(mode: AttackedRole, claims?: RawClaims, key?: ForgingKey): string
  /** Names of the tenants' tables that the role may read. */
  readableBy(mode: AttackedRole): Promise<readonly string[]>
  /** A session of the mode's role. */
  as(mode: AttackedRole): Promise<pg.Client>
  roleOf(mode: AttackedRole): string
  /** Owns the kernel; NOLOGIN. */
  readonly ownerRole: string
}

// Templates are shared by the test files of a run, in whatever process; so the keys are too.
const keyFor = (kid: string): ForgingKey => ({
  kid,
  secret: Buffer.from(`${runEnvironment.runId} ${kid} `.padEnd(40, 'secret-')),
})
export const keys = {
  current: keyFor('k1'),
  second: keyFor('k2'),
  retired: keyFor('k3'),
  revoked: keyFor('k4'),
} as const

const modeOf: Readonly<Record<AttackedRole, string>> = {
  app: 'member',
  worker: 'worker',
  auditor: 'auditor',
  platform: 'platform',
  public: 'public',
}

/** Honest claims of acme's (or globex's) side. */
export function claimsOf(role: AttackedRole, tenant: 'acme' | 'globex' = 'acme'): RawClaims {
  const isAcme = tenant === 'acme'
  const base = { m: modeOf[role], e: Math.floor(Date.now() / 1000) + (isAcme ? 3600 : 3700) }
  const t = ids[tenant]
  if (role === 'public') return base
  if (role === 'auditor')
    return { ...base, t, u: ids.sam, g: isAcme ? grants.audit : grants.globexAudit }
  if (role === 'platform')
    return { ...base, t, u: ids.sam, g: isAcme ? grants.write : grants.globexRead }
  return { ...base, t, u: isAcme ? ids.ann : ids.gil, o: 'all', c: ['read'] }
}

async function build(admin: pg.Client, rolePrefix: string): Promise<void> {
  await admin.query(shopSchema)
  await admin.query(rows)
  await applyPlan(admin, await makePlan(admin, defineTenancy(shopTenancy(rolePrefix))), {
    allow: [
      'WIDENS_ACCESS',
      'DISABLES_RLS',
      'DROPS_POLICY',
      'GRANTS_BYPASS',
      'DELETES_DATA',
      'OPENS_WINDOW',
    ],
  })
  for (const key of Object.values(keys)) await addSigningKey(admin, key)
  await retireSigningKey(admin, keys.retired.kid, new Date(Date.now() - 1000))
  await revokeSigningKey(admin, keys.revoked.kid)
  await admin.query('analyze')
}

/** A fresh copy of the attacked shop; roles are shared by all copies of a run. */
export async function openAttackedShop(major: ServerMajor): Promise<AttackedShop> {
  const rolePrefix = `wt_${runEnvironment.runId}_shop`
  const database = await createTestDatabase({
    major,
    template: { key: 'attacked shop', build: (admin) => build(admin, rolePrefix) },
  })
  const roleOf = (mode: AttackedRole): string => `${rolePrefix}_${mode}`
  // The layer revokes TEMPORARY. The attacks get it back: what stops them must not be its absence.
  const attackers = joinSql(attackedRoles.map((mode) => ident(roleOf(mode))))
  const name = ident(database.name)
  await database.admin.query(sql`grant temporary on database ${name} to ${attackers}`.text)
  return {
    ...database,
    model: defineTenancy(shopTenancy(rolePrefix)),
    roleOf,
    ownerRole: `${rolePrefix}_owner`,
    as: (mode) => database.connect(roleOf(mode)),
    token: (mode, claims = {}, key = keys.current) =>
      tokenOf({ ...claimsOf(mode), ...claims }, key),
    forge: (mode) => ({
      claims: claimsOf(mode),
      others: claimsOf(mode, 'globex'),
      key: keys.current,
      second: keys.second,
      retired: keys.retired,
      revoked: keys.revoked,
      now: Math.floor(Date.now() / 1000),
    }),
    async readableBy(mode) {
      const { rows } = await database.admin.query<{ name: string }>(
        `select relname as name from pg_class where relnamespace = 'shop'::regnamespace
           and relkind in ('r', 'p') and not relispartition and relname <> 'currencies'
           and has_any_column_privilege($1, oid, 'select') order by 1`,
        [roleOf(mode)],
      )
      return rows.map(({ name }) => name)
    },
  }
}
