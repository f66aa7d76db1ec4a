import { exportJWK, generateKeyPair } from 'jose'
import type { JWK } from 'jose'
import pg from 'pg'
import { addSigningKey } from 'watertight/migrate'
import { formatSigningKey, generateSigningKey } from 'watertight/runtime'
import { startOwnServer } from '../../../../test/own-server.js'
import { applyIsolation } from '../../src/boot/apply-isolation.js'
import { runMigrations } from '../../src/boot/run-migrations.js'
import { platformTenancy } from '../../src/tenancy.js'
import { buildPrograms } from '../platform-programs.js'
import type { ProgramProcess } from '../platform-programs.js'

/** A tenant under load, with the one person who sends requests. */
export interface LoadTenant {
  readonly number: number
  readonly id: string
  readonly userId: string
  readonly assets: readonly string[]
}

/** A database server of the run's own, and the platform as a process of its own. */
export interface LoadWorld {
  readonly url: string
  readonly sessionKey: JWK
  readonly tenants: readonly LoadTenant[]
  readonly platform: ProgramProcess
  /** Stops the database and starts it again: in order, or as after a crash. */
  restart(how: 'fast' | 'immediate'): Promise<void>
  /** Every id of a row with the tenant that it is of, as the superuser reads them. */
  readOwners(): Promise<ReadonlyMap<string, string>>
  close(): Promise<void>
}

const modes = ['app', 'worker', 'auditor', 'platform', 'public'] as const
const prefix = 'load'

/** One tenant of each number with an administrator, two places and assets of its own. */
const filling = [
  `insert into core.tenants (slug, name, has_public_page)
   select 'load-' || n, 'Tenant ' || n, true from generate_series(1, $1::int) n`,
  `insert into core.users (issuer, subject, email, display_name)
   select 'load', n::text, 'admin-' || n || '@load.example', 'Admin of ' || n
   from generate_series(1, $1::int) n`,
  `insert into core.org_units (tenant_id, name, slug, is_hidden_root)
   select id, name, 'root', true from core.tenants limit $1::int`,
  `insert into core.memberships (tenant_id, user_id, role)
   select t.id, u.id, 'tenant_admin' from core.users u join core.tenants t on t.slug = 'load-' || u.subject
   limit $1::int`,
  `insert into sec.assets (tenant_id, org_unit_id, hostname, label, kind)
   select o.tenant_id, o.id, 'host-' || n, 'of tenant ' || o.name, 'server'
   from core.org_units o, generate_series(1, 60) n where $1::int > 0`,
]

const ids = `
  select t.id, u.id as "userId", substr(t.slug, 6)::int as number,
    array(select a.id from sec.assets a where a.tenant_id = t.id) as assets
  from core.tenants t join core.users u on 'load-' || u.subject = t.slug order by 3`

const owners = `
  select id::text, tenant_id::text as tenant from sec.assets
  union all select id::text, id::text from core.tenants
  union all select id::text, tenant_id::text from core.org_units
  union all select id::text, tenant_id::text from core.memberships
  union all select user_id::text, tenant_id::text from core.memberships`

/** Sets up a database of so many tenants and starts the platform on it. */
export async function openLoadWorld(tenantCount: number): Promise<LoadWorld> {
  const [server, programs] = await Promise.all([startOwnServer(), buildPrograms('server')])
  const closers = [() => programs.remove(), () => server.stop()]
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer()
  }
  try {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const sessionKey = await exportJWK(privateKey)
    const signingKey = generateSigningKey()
    const tenants = await withAdmin(server.url, async (admin) => {
      await runMigrations(admin)
      await applyIsolation(admin, platformTenancy(prefix))
      await addSigningKey(admin, signingKey)
      for (const statement of filling) await admin.query(statement, [tenantCount])
      await admin.query('analyze')
      return (await admin.query<LoadTenant>(ids)).rows
    })
    const urls = modes.map((mode) => [
      `PLATFORM_${mode.toUpperCase()}_URL`,
      server.url.replace('//postgres@', `//${prefix}_${mode}@`),
    ])
    const platform = programs.start('server', {
      ...(Object.fromEntries(urls) as Record<string, string>),
      WATERTIGHT_SIGNING_KEY: formatSigningKey(signingKey),
      PLATFORM_SESSION_KEY: JSON.stringify(sessionKey),
      PLATFORM_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 'load').toString('base64url'),
      PLATFORM_EXPORT_FOLDER: '/nonexistent/exports',
      PLATFORM_CONNECTIONS: '10',
      // Every client has an address of its own.
      PLATFORM_TRUST_PROXY: '127.0.0.1',
      PORT: '0',
    })
    closers.push(async () => {
      platform.child.kill('SIGTERM')
      await platform.ended
    })
    return {
      url: await listeningAt(platform),
      sessionKey,
      tenants,
      platform,
      restart: (how) => server.restart(how),
      readOwners: () =>
        withAdmin(server.url, async (admin) => {
          const { rows } = await admin.query<{ id: string; tenant: string }>(owners)
          return new Map(rows.map(({ id, tenant }) => [id, tenant]))
        }),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function withAdmin<Result>(
  url: string,
  use: (admin: pg.Client) => Promise<Result>,
): Promise<Result> {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.end()
  }
}

/** Where the program says that it listens. */
async function listeningAt(platform: ProgramProcess): Promise<string> {
  for (let left = 1200; left > 0; left -= 1) {
    const started = platform.log.find(({ event }) => event === 'started')
    if (started !== undefined) return String(started['publicUrl'])
    if (platform.child.exitCode !== null) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`the platform did not start: ${platform.errors()}`)
}
