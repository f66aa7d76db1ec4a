import pg from 'pg'
import { pgDriver } from 'watertight/pg'
import { createTxManager, parseTenantContext } from 'watertight/runtime'
import type { Driver, TenantContext, TenantContextInput, TxManager } from 'watertight/runtime'
import { ids, keys, openAttackedShop } from './attacked-shop.js'
import type { AttackedRole, AttackedShop } from './attacked-shop.js'
import { serverMajors } from './database.js'

/** The attacked shop, with tables whose policies are written by hand, and managers for it. */
export interface DenialShop extends AttackedShop {
  readonly tx: TxManager
  /** A driver that Row Level Security does not apply to. */
  readonly diagnostic: Driver
  driverFor(url: string): Driver
  /** A manager whose contexts are signed with another key. */
  managerWith(key: { kid: string; secret: Uint8Array }): TxManager
}

const tables = `
    create policy "needs refunds" on shop.parent1 as restrictive for delete
      to public using (watertight.has_capability('refunds:write'));
    create table shop."naïve \\ ""table""" (
      "a ""key""" text, "Key 2" bigint, tenant_id uuid not null, primary key ("a ""key""", "Key 2"));
    alter table shop."naïve \\ ""table""" enable row level security, force row level security;
    create policy "a ""p\u001b[31m""" on shop."naïve \\ ""table"""
      using (tenant_id = (select watertight.tenant_id()));
    insert into shop."naïve \\ ""table""" values ('it''s', 1, '${ids.acme}'), ('it''s', 2, '${ids.globex}');
    create table shop.locked (id int primary key);
    alter table shop.locked enable row level security;
    insert into shop.locked values (1);
    create table shop.serials (id serial primary key, tenant_id uuid);
    create table shop.blind (id int primary key, tenant_id uuid);
    alter table shop.blind enable row level security;
    create policy blind on shop.blind using (
      exists (select from watertight.signing_keys k where k.kid = 'x' and blind.id = 1));
    insert into shop.blind values (1);
    create table shop.fragile (id int primary key, tenant_id uuid);
    alter table shop.fragile enable row level security;
    create policy fragile on shop.fragile using (1 / (id - 1) = 1);
    create schema vault; create table vault.things (id int primary key);
    create policy "only drafts" on shop.reviews as restrictive for update to public
      using (true) with check (body <> 'forbidden');
  `

export async function openDenialShop(): Promise<DenialShop> {
  const shop = await openAttackedShop(serverMajors.at(-1) ?? 18)
  const pools: pg.Pool[] = []
  const driverFor = (connectionString: string): Driver => {
    const pool = new pg.Pool({ connectionString, max: 2 })
    pools.push(pool)
    return pgDriver(pool)
  }
  const managerWith = (key: { kid: string; secret: Uint8Array }): TxManager => {
    const rolePools = Object.fromEntries(
      (['app', 'worker', 'auditor', 'platform', 'public'] as const).map((mode) => [
        mode,
        driverFor(shop.urlFor(shop.roleOf(mode))),
      ]),
    ) as Record<AttackedRole, Driver>
    return createTxManager({ pools: rolePools, signingKey: key })
  }
  await shop.admin.query(tables)
  const app = shop.roleOf('app')
  await shop.admin.query(`
    grant select, insert, update, delete on shop."naïve \\ ""table""", shop.locked, shop.blind, shop.fragile to "${app}";
    grant insert on shop.serials to "${app}";
    grant execute on all functions in schema watertight to "${app}"`)
  return {
    ...shop,
    driverFor,
    managerWith,
    tx: managerWith(keys.current),
    diagnostic: driverFor(shop.url),
    async drop() {
      await Promise.all(pools.map((pool) => pool.end()))
      await shop.drop()
    },
  }
}

/** An expiry in the far future. */
export const later = 9_999_999_999

/** Ann's context in acme. */
export function context(input: Partial<TenantContextInput> = {}): TenantContext {
  return parseTenantContext({
    mode: 'member',
    tenantId: ids.acme,
    userId: ids.ann,
    orgScope: 'all',
    expiresAt: later,
    ...input,
  })
}

/** Sam's context in acme, by a grant. */
export function visitor(mode: 'auditor' | 'platform', accessGrantId: string): TenantContext {
  return parseTenantContext({
    mode,
    tenantId: ids.acme,
    userId: ids.sam,
    accessGrantId,
    expiresAt: later,
  })
}
