import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type pg from 'pg'
import { addSigningKey, applyPlan, makePlan } from 'watertight/migrate'
import { parseModel } from 'watertight/model'
import { formatSigningKey, generateSigningKey } from 'watertight/runtime'
import { ident, qualifiedName, sql } from 'watertight/sql'
import { dropRoles, urlOf, withClient, withDatabase } from '../bench-server.js'
import { createShop, shopTenancy, tenantTables } from './shop.js'
import type { ShopSize } from './shop.js'

/**
 * The same shop under different protection: `unscoped` has none, `settings` the policies that the
 * documentation of most libraries shows, `tenantKit` those of its `tenancy.protect()`, `plain` and
 * `signed` the isolation layer of watertight.
 */
export type ShopKind = 'unscoped' | 'settings' | 'tenantKit' | 'plain' | 'signed'

export interface Shops {
  /** URLs that log in as the application's role. */
  readonly urls: Readonly<Record<ShopKind, string>>
  /** URLs of the superuser. */
  readonly adminUrls: Readonly<Record<ShopKind, string>>
  readonly signingKey: string
}

const kinds: readonly ShopKind[] = ['unscoped', 'settings', 'tenantKit', 'plain', 'signed']

const consent = ['WIDENS_ACCESS', 'DISABLES_RLS', 'DROPS_POLICY', 'GRANTS_BYPASS', 'DELETES_DATA']

/** Makes the five databases from one, and drops them and their roles when `use` has ended. */
export async function withShops<T>(
  serverUrl: string,
  size: ShopSize,
  use: (shops: Shops) => Promise<T>,
): Promise<T> {
  const prefix = `watertight_bench_${process.pid}`
  const key = generateSigningKey('k1')
  const copies = async (rest: readonly ShopKind[]): Promise<T> => {
    const [kind, ...others] = rest
    if (kind === undefined) return use(locate(serverUrl, prefix, formatSigningKey(key)))
    const protectAndGoOn = async (url: string): Promise<T> => {
      await withClient(url, (client) => protect[kind](client, prefix, key))
      return copies(others)
    }
    return withDatabase(serverUrl, `${prefix}_${kind}`, protectAndGoOn, `${prefix}_unscoped`)
  }
  try {
    return await withDatabase(serverUrl, `${prefix}_unscoped`, async (url) => {
      await withClient(url, async (client) => {
        await createShop(client, size)
        await protect.unscoped(client, prefix, key)
      })
      return copies(kinds.slice(1))
    })
  } finally {
    await dropRoles(serverUrl, prefix)
  }
}

function locate(serverUrl: string, prefix: string, signingKey: string): Shops {
  const role = (kind: ShopKind): string =>
    kind === 'plain' || kind === 'signed' ? `${prefix}_${kind}_app` : `${prefix}_peer`
  const byKind = (url: (kind: ShopKind) => string): Record<ShopKind, string> =>
    Object.fromEntries(kinds.map((kind) => [kind, url(kind)])) as Record<ShopKind, string>
  return {
    urls: byKind((kind) => urlOf(serverUrl, `${prefix}_${kind}`, role(kind))),
    adminUrls: byKind((kind) => urlOf(serverUrl, `${prefix}_${kind}`)),
    signingKey,
  }
}

type Protect = (
  client: pg.Client,
  prefix: string,
  key: ReturnType<typeof generateSigningKey>,
) => Promise<void>

const protect: Readonly<Record<ShopKind, Protect>> = {
  unscoped: async (client, prefix) => {
    const role = ident(`${prefix}_peer`)
    await client.query(sql`create role ${role} login`.text)
    await client.query(sql`grant usage on schema shop to ${role}`.text)
    await client.query(
      sql`grant select, insert, update, delete on all tables in schema shop to ${role}`.text,
    )
  },
  settings: async (client) => {
    for (const table of tenantTables) {
      const name = qualifiedName('shop', table)
      await client.query(sql`alter table ${name} enable row level security`.text)
      await client.query(sql`alter table ${name} force row level security`.text)
      await client.query(
        sql`create policy tenant_isolation on ${name} using (
          tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))`.text,
      )
    }
  },
  tenantKit: async (client, prefix) => {
    const entry = createRequire(import.meta.url).resolve('@quxkit/tenant-kit')
    for (const file of ['001_core.sql', '002_rls.sql']) {
      await client.query(await readFile(join(dirname(entry), '../sql', file), 'utf8'))
    }
    await client.query(sql`grant usage on schema tenancy to ${ident(`${prefix}_peer`)}`.text)
    for (const table of tenantTables) {
      const { text } = qualifiedName('shop', table)
      await client.query('select tenancy.protect($1::regclass)', [text])
    }
  },
  plain: (client, prefix) => applyLayer(client, `${prefix}_plain`, 'guc'),
  signed: async (client, prefix, key) => {
    await applyLayer(client, `${prefix}_signed`, 'signed')
    await addSigningKey(client, key)
    await client.query('vacuum analyze watertight.signing_keys')
  },
}

async function applyLayer(
  client: pg.Client,
  prefix: string,
  context: 'guc' | 'signed',
): Promise<void> {
  const model = parseModel(shopTenancy(prefix, context))
  await applyPlan(client, await makePlan(client, model), { allow: consent })
  const roles = ['app', 'public', 'auditor', 'worker', 'platform'].map(
    (role) => `${prefix}_${role}`,
  )
  for (const role of roles) {
    const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role])
    if (rowCount === 1) await client.query(sql`alter role ${ident(role)} login`.text)
  }
}
