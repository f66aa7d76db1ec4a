import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CatalogSnapshot } from 'watertight/catalog'
import { parseModel, toInput } from 'watertight/model'
import { contexts, openGeneratedShop } from '../../../../test/generated-shop.js'
import type { ContextKind, GeneratedShop } from '../../../../test/generated-shop.js'
import { runtimeRoles } from '../graph/runtime-roles.js'
import type { ProofResult } from './proof-result.js'
import { proveIsolation } from './prove-isolation.js'
import { memoised } from './solver.js'
import type { Solver } from './solver.js'
import { openZ3 } from './z3-solver.js'
import type { ClosableSolver } from './z3-solver.js'

const documented = readFileSync(
  new URL('../../../../docs/proof-assumptions.md', import.meta.url),
  'utf8',
)

let z3: ClosableSolver
let solver: Solver
beforeAll(async () => {
  z3 = await openZ3({ timeoutMs: 60_000 })
  solver = memoised(z3)
})
afterAll(() => z3.close())

async function proofs(
  { model }: GeneratedShop,
  catalog: CatalogSnapshot,
): Promise<readonly ProofResult[]> {
  return proveIsolation({ model, catalog, roles: runtimeRoles(model, catalog), solver })
}

const open = (results: readonly ProofResult[]): string[] =>
  results
    .filter(({ verdict }) => verdict !== 'proven')
    .map(({ object, role, command, reason }) => `${role} ${command} ${object}: ${reason}`)

describe.each(Object.keys(contexts) as ContextKind[])('the layer for a %s context', (kind) => {
  let shop: GeneratedShop
  beforeAll(async () => {
    shop = await openGeneratedShop(kind)
  })
  afterAll(() => shop.database.drop())

  it('is proven by the solver for every table, role and command, with what it assumes', async () => {
    const results = await proofs(shop, await shop.catalog())
    expect(open(results)).toEqual([])
    const byPolicies = results.filter(({ reason }) => reason.includes('no-context'))
    expect(byPolicies.length).toBeGreaterThan(60)
    expect(byPolicies.filter(({ assumptions }) => assumptions.length === 0)).toEqual([])
    const stated = new Set(results.flatMap(({ assumptions }) => assumptions))
    const isListed = (text: string): boolean =>
      documented.includes(text.replace(/^shop\.\w+/, '`<table>`'))
    expect([...stated].filter((text) => !isListed(text))).toEqual([])
  }, 180_000)
})

/** What decides beside the policies: the object, and the role and commands that stay unproven. */
const besidePolicies: readonly (readonly [guard: string, change: string, open: RegExp])[] = [
  [
    'row level security',
    'alter table shop.products disable row level security',
    /_app SELECT shop\.products: Row Level Security is not enabled/,
  ],
  [
    'that runtime roles are bound by policies',
    'alter role {app} bypassrls',
    /_app SELECT shop\.products: .*_app is exempt from the policies/,
  ],
  [
    'that runtime roles cannot become the owner',
    'grant {owner} to {app}',
    /_app SELECT shop\.products: /,
  ],
  [
    'that no session starts with a context',
    `alter role {app} set watertight.context = 'v1.x'`,
    /_app SELECT shop\.products: watertight\.context has a default/,
  ],
  [
    'that the platform writes no grants',
    'grant insert on shop.access_grants to {platform}',
    /_auditor SELECT shop\.products: .*_platform works by grants and may write shop\.access_grants/,
  ],
  [
    'that nobody else counts as having grants',
    'create table shop.more () inherits (shop.access_grants)',
    /_platform UPDATE shop\.products: rows of shop\.more count as grants/,
  ],
  [
    'that members give grants to their own tenant only',
    `alter policy watertight_member_guard on shop.access_grants with check (true);
      alter policy watertight_member_insert on shop.access_grants with check (true)`,
    /_auditor SELECT shop\.products: .*_app may be able to INSERT shop\.access_grants/,
  ],
  [
    'that keys between tables include the tenant',
    `alter table shop.reviews add foreign key (product_id) references shop.products (id) on delete cascade`,
    /_app DELETE shop\.products: the foreign key .* changes rows of other tenants/,
  ],
]

describe('the layer for a signed context, with a guard beside the policies taken away', () => {
  let shop: GeneratedShop
  beforeAll(async () => {
    shop = await openGeneratedShop('signed')
  })
  afterAll(() => shop.database.drop())

  it.each(besidePolicies)('is not proven without it: %s', async (_guard, change, expected) => {
    const results = await proofs(shop, await shop.altered(change))
    expect(open(results).filter((line) => expected.test(line))).not.toEqual([])
  })

  it('rests on what functions that answer across tenants are declared to do, and falls with it', async () => {
    const declared = parseModel({
      ...toInput(shop.model),
      disclosures: {
        functions: {
          'shop.extend_grant': {
            modes: ['app'],
            reads: { 'shop.access_grants': ['id'] },
            updates: { 'shop.access_grants': ['expires_at'] },
            reason: 'an auditor may stay a day longer',
          },
        },
      },
    })
    const change = `create role {directory};
      grant usage on schema shop to {directory};
      grant select (id), update (expires_at) on shop.access_grants to {directory};
      create policy reads on shop.access_grants for select to {directory} using (true);
      create policy writes on shop.access_grants for update to {directory} using (true);
      create function shop.extend_grant(wanted uuid) returns void language sql security definer
        set search_path = pg_catalog, pg_temp as
        'update shop.access_grants as g set expires_at = now() where g.id = wanted';
      revoke all on function shop.extend_grant(uuid) from public;
      alter function shop.extend_grant(uuid) owner to {directory};
      grant execute on function shop.extend_grant(uuid) to {app};`
    const at = { ...shop, model: declared }
    const results = await proofs(at, await shop.altered(`${change} alter role {directory} nologin`))
    expect(open(results)).toEqual([])
    const auditor = results.find(
      ({ role, object, command }) =>
        role.endsWith('_auditor') && object === 'shop.products' && command === 'SELECT',
    )
    expect(auditor?.assumptions).toContain(
      'shop.extend_grant gives grants to whom they are due only',
    )
    // Its role can be used by something else: what it reaches counts as anybody's then.
    const exceeded = `${change} grant {directory} to {public}`
    const fallen = open(await proofs(at, await shop.altered(exceeded)))
    expect(fallen).toContainEqual(expect.stringMatching(/_app SELECT shop\.access_grants: /))
  })

  it('still holds when one of two guards is dropped', async () => {
    const change = 'drop policy watertight_member_guard on shop.products'
    expect(open(await proofs(shop, await shop.altered(change)))).toEqual([])
  })
})
