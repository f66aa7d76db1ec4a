import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot } from 'watertight/catalog'
import { defineTenancy } from 'watertight/model'
import type { TenancyModel } from 'watertight/model'
import { ident, sql } from 'watertight/sql'
import { createTestDatabase } from '../../../../../test/database.js'
import type { TestDatabase } from '../../../../../test/database.js'
import { check } from '../check.js'
import type { CheckResult } from '../../findings/index.js'
import type { ProofCache } from './proof-cache.js'

let database: TestDatabase
let model: TenancyModel

beforeAll(async () => {
  database = await createTestDatabase()
  const app = `${database.rolePrefix}_app`
  const own = sql`(tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)`
  await database.admin.query(
    sql`create role ${ident(app)};
      create schema app;
      create table app.notes (id bigint primary key, tenant_id uuid not null);
      create table app.tasks (id bigint primary key, tenant_id uuid not null);
      alter table app.notes enable row level security, force row level security;
      alter table app.tasks enable row level security, force row level security;
      create policy own on app.notes using ${own};
      create policy own on app.tasks using ${own};
      grant usage on schema app to ${ident(app)};
      grant select, insert, update, delete on app.notes, app.tasks to ${ident(app)};`.text,
  )
  model = defineTenancy({
    schemas: ['app'],
    tenantKey: { column: 'tenant_id', type: 'uuid' },
    context: { kind: 'guc', tenant: 'app.tenant_id' },
    roles: {
      app,
      owner: null,
      migrator: null,
      public: null,
      auditor: null,
      worker: null,
      platform: null,
    },
  })
})

afterAll(() => database.drop())

/** A store in memory that remembers what was asked of it. */
function memoryCache(): ProofCache & { readonly entries: Map<string, string>; hits: number } {
  const entries = new Map<string, string>()
  const cache = {
    entries,
    hits: 0,
    get: async (key: string): Promise<string | undefined> => {
      const found = entries.get(key)
      if (found !== undefined) cache.hits += 1
      return found
    },
    set: async (key: string, value: string): Promise<void> => {
      entries.set(key, value)
    },
  }
  return cache
}

async function run(cache?: ProofCache, catalog?: CatalogSnapshot): Promise<CheckResult> {
  return check(database.admin, {
    model,
    catalog: catalog ?? (await readCatalog(database.admin, { schemas: 'all' })),
    live: false,
    now: () => new Date(),
    ...(cache && { cache }),
  })
}

/** The snapshot with another condition in the policy of one table. */
function withPolicy(catalog: CatalogSnapshot, table: string, using: string): CatalogSnapshot {
  return {
    ...catalog,
    relations: catalog.relations.map((relation) =>
      relation.name === table
        ? { ...relation, policies: relation.policies.map((policy) => ({ ...policy, using })) }
        : relation,
    ),
  }
}

interface HonestRun {
  readonly catalog: CatalogSnapshot
  readonly coverage: CheckResult['coverage']
  readonly entries: ReadonlyMap<string, string>
}

let honest: HonestRun | undefined

/** A run that refutes something, and what it leaves in a cache. */
async function honestRun(): Promise<HonestRun> {
  const cache = memoryCache()
  const read = await readCatalog(database.admin, { schemas: 'all' })
  const catalog = withPolicy(read, 'notes', '(id > 0)')
  const { coverage } = await run(cache, catalog)
  return { catalog, coverage, entries: cache.entries }
}

const verdictsOf = ({ coverage }: CheckResult, object: string): readonly string[] =>
  coverage.filter((row) => row.object === object).map(({ verdict }) => verdict)

describe('a cache of proofs', () => {
  it('gives the same coverage as without it', async () => {
    const cache = memoryCache()
    // Read once: roles are those of the whole server, where other tests make theirs meanwhile.
    const catalog = await readCatalog(database.admin, { schemas: 'all' })
    const first = await run(cache, catalog)
    const second = await run(cache, catalog)
    expect(cache.hits).toBe(2)
    expect(second.coverage).toEqual(first.coverage)
    expect(second.findings).toEqual(first.findings)
    expect(second.coverage).toEqual((await run(undefined, catalog)).coverage)
    expect(first.summary.proven).toBe(8)
  })

  it('proves a policy anew once it has changed, and no other', async () => {
    const cache = memoryCache()
    const catalog = await readCatalog(database.admin, { schemas: 'all' })
    await run(cache, catalog)
    const opened = await run(cache, withPolicy(catalog, 'notes', '(id > 0)'))
    expect(verdictsOf(opened, 'app.notes')).toEqual(Array(4).fill('unknown'))
    expect(verdictsOf(opened, 'app.tasks')).toEqual(Array(4).fill('proven'))
  })

  it('never calls proven what another catalog, model or role set was proven for', async () => {
    const cache = memoryCache()
    const catalog = await readCatalog(database.admin, { schemas: 'all' })
    await run(cache, catalog)
    const changed: readonly CatalogSnapshot[] = [
      withPolicy(catalog, 'notes', 'true'),
      {
        ...catalog,
        relations: catalog.relations.map((r) => ({ ...r, rls: { enabled: false, forced: false } })),
      },
      { ...catalog, roles: catalog.roles.map((role) => ({ ...role, bypassRls: true })) },
    ]
    for (const other of changed) {
      const result = await run(cache, other)
      expect(verdictsOf(result, 'app.notes')).not.toContain('proven')
    }
  })

  it.each([
    ['cut short', (text: string) => text.slice(0, -5)],
    ['with one verdict changed', (text: string) => text.replace('"refuted"', '"proven"')],
    ['with a problem answered otherwise', (text: string) => text.replace('"sat"', '"unsat"')],
    ['that is empty', () => ''],
    ['that is no JSON', () => 'x\nx'],
  ])('does not believe an entry %s', async (_name, damage) => {
    const { catalog, coverage, entries } = (honest ??= await honestRun())
    const cache = memoryCache()
    for (const [key, text] of entries) cache.entries.set(key, damage(text))
    expect((await run(cache, catalog)).coverage).toEqual(coverage)
  })

  it('does not believe an entry of another key', async () => {
    const cache = memoryCache()
    const catalog = await readCatalog(database.admin, { schemas: 'all' })
    await run(cache, catalog)
    const proven = [...cache.entries.values()]
    const open = withPolicy(catalog, 'notes', '(id > 0)')
    const swapped: ProofCache = { get: async () => proven.at(-1), set: async () => undefined }
    expect(verdictsOf(await run(swapped, open), 'app.notes')).not.toContain('proven')
  })

  it('goes on with a store that fails', async () => {
    const broken: ProofCache = {
      get: () => Promise.reject(new Error('no disk')),
      set: () => Promise.reject(new Error('no disk')),
    }
    expect((await run(broken)).summary.proven).toBe(8)
  })
})
