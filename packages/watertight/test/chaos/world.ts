import pg from 'pg'
import { addSigningKey, applyPlan, makePlan } from 'watertight/migrate'
import { parseModel } from 'watertight/model'
import { generateSigningKey, parseTenantContext } from 'watertight/runtime'
import type { SigningKey, TenantContext } from 'watertight/runtime'
import { startOwnServer } from '../../../../test/own-server.js'

/** `owner` is who wrote a row, as the writer says; `op` is the operation that wrote it. */
const schema = `
create schema chaos;
create table chaos.tenants (id uuid primary key);
create table chaos.notes (
  id bigint generated always as identity primary key, tenant_id uuid not null,
  owner uuid not null, op int not null, body text not null);
create table chaos.lines (
  id bigint generated always as identity primary key, tenant_id uuid not null,
  owner uuid not null, note_id bigint not null);
create table chaos.counters (tenant_id uuid primary key, owner uuid not null, n int not null);
`

/** The op of the one note of each tenant that nobody may change or delete. */
export const seedOp = -1

/** One note, two lines and a counter for each tenant; ids follow the order of the tenants. */
const seeding = [
  'truncate chaos.notes, chaos.lines, chaos.counters restart identity',
  `insert into chaos.notes (tenant_id, owner, op, body)
     select id, id, ${seedOp}, 'seed' from chaos.tenants order by id`,
  `insert into chaos.lines (tenant_id, owner, note_id)
     select tenant_id, tenant_id, id from chaos.notes, generate_series(1, 2)`,
  'insert into chaos.counters select id, id, 0 from chaos.tenants',
]

export interface Tenant {
  readonly index: number
  readonly id: string
  readonly context: TenantContext
  /** Id of the tenant's first note. */
  readonly seedNote: string
}

/** A server of the run's own with thousands of tenants behind the generated isolation layer. */
export interface World {
  readonly tenants: readonly Tenant[]
  readonly signingKey: SigningKey
  /** Superuser URL of the database; the same after a restart. */
  readonly url: string
  /** URL of the role that members run as. */
  readonly appUrl: string
  /** Runs one statement as superuser, past everything that failures are injected into. */
  inspect<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>
  /** Takes back whatever was written to the tables; ids stay the same. */
  reset(): Promise<void>
  /** Stops the server and starts it again: in order, or as after a crash. */
  restart(how: 'fast' | 'immediate'): Promise<void>
  close(): Promise<void>
}

const consent = ['WIDENS_ACCESS', 'DISABLES_RLS', 'DROPS_POLICY', 'GRANTS_BYPASS', 'DELETES_DATA']
const rolePrefix = 'chaos'

export async function openWorld(tenantCount: number): Promise<World> {
  const server = await startOwnServer()
  const { url } = server
  const inspectors = new pg.Pool({ connectionString: url, max: 3 })
  inspectors.on('error', () => undefined)
  inspectors.on('connect', (client) => client.on('error', () => undefined))
  const inspect = async <Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await inspectors.query(text, [...values])).rows as Row[]
  const signingKey = generateSigningKey('k1')
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  const tenants = await build(admin, signingKey, tenantCount)
  await admin.end()
  return {
    tenants,
    signingKey,
    url,
    appUrl: url.replace('//postgres@', `//${rolePrefix}_app@`),
    inspect,
    reset: async () => {
      for (const statement of seeding) await inspect(statement)
    },
    restart: (how) => server.restart(how),
    close: async () => {
      await inspectors.end()
      await server.stop()
    },
  }
}

async function build(admin: pg.Client, key: SigningKey, count: number): Promise<Tenant[]> {
  await admin.query(schema)
  const model = parseModel({
    tenantKey: { table: 'chaos.tenants', columnByTable: { 'chaos.tenants': 'id' } },
    roles: { prefix: rolePrefix },
    schemas: ['chaos'],
    tables: {
      'chaos.tenants': { scope: 'tenant', commands: ['SELECT'] },
      'chaos.notes': { scope: 'tenant' },
      'chaos.lines': { scope: 'tenant' },
      'chaos.counters': { scope: 'tenant' },
    },
  })
  await applyPlan(admin, await makePlan(admin, model), { allow: consent })
  await addSigningKey(admin, key)
  await admin.query(
    'insert into chaos.tenants select gen_random_uuid() from generate_series(1, $1)',
    [count],
  )
  for (const statement of seeding) await admin.query(statement)
  await admin.query('create index on chaos.notes (op)')
  await admin.query('analyze')
  const { rows } = await admin.query<{ tenant: string; note: string }>(
    'select tenant_id as tenant, id as note from chaos.notes order by id',
  )
  const expiresAt = Math.floor(Date.now() / 1000) + 86_400
  return rows.map(({ tenant, note }, index) => ({
    index,
    id: tenant,
    context: parseTenantContext({ mode: 'member', tenantId: tenant, expiresAt }),
    seedNote: note,
  }))
}
