import { readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot } from 'watertight/catalog'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { caseDatabase } from '../../test/readme-cases.js'
import type { CaseDatabase } from '../../test/readme-cases.js'
import type { Finding } from '../findings/index.js'
import { lintInput } from './lint-input.js'
import { runLint } from './run-lint.js'

const huge = Array.from({ length: 3000 }, (_, n) => `body = 'word ${n}'`).join(' or ')
const deep = `tenant_id = ${'upper('.repeat(400)}'a'${')'.repeat(400)}`

let at: CaseDatabase
let catalog: CatalogSnapshot

beforeAll(async () => {
  at = await caseDatabase(`create extension hstore; create extension pgcrypto;
    create type pair as (l text, r text);
    create table "odd ""; drop table x; --" (tenant_id text not null, tags hstore, p pair, body text, "select" int);
    alter table "odd ""; drop table x; --" enable row level security;
    grant select, insert, update on "odd ""; drop table x; --" to app_user;
    create policy "p"";" on "odd ""; drop table x; --" using (tags -> 'tenant' = current_setting('app.tenant_id', true) and (p).l = 'x');
    create table large (tenant_id text not null, body text); alter table large enable row level security;
    grant select on large to app_user;
    create policy huge on large using (tenant_id = current_setting('app.tenant_id', true) and (${huge}));
    create policy deep on large as restrictive using (${deep});
    create function opaque(text) returns boolean language c stable as '$libdir/pgcrypto', 'pg_random_bytes';
    create table coded (tenant_id text not null, body text); alter table coded enable row level security;
    grant select on coded to app_user;
    create policy coded on coded using (opaque(tenant_id));
    create function looping(n int) returns int language plpgsql security definer as
      $$ declare r record; begin for r in execute 'select 1' loop n := n + looping(n - 1); end loop; return n; end $$`)
  catalog = await readCatalog(at.database.admin, { schemas: 'all' })
})
afterAll(() => at.database.drop())

async function linted(snapshot: CatalogSnapshot): Promise<readonly Finding[]> {
  return runLint(lintInput(at.model, snapshot, new Date()))
}

const failed = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ key }) => key.endsWith(':failed')).map(({ message }) => message)

it('lints extension types, hostile names, huge and deep policies and opaque functions without a rule that fails', async () => {
  expect(failed(await linted(catalog))).toEqual([])
})

it('says of an expression that cannot be parsed that it was not judged, and why', async () => {
  const broken = withPolicies(catalog, 'tenant_id = = (')
  const findings = await linted(broken)
  expect(failed(findings)).toEqual([])
  const said = findings.filter(({ rule }) => rule === 'unreadable-code')
  expect(said.map(({ object, severity }) => [object, severity])).toContainEqual([
    'public.large',
    'info',
  ])
  expect(said[0]?.message).toContain('cannot parse')
})

it('says of an expression that is nested too deeply that it was not judged', async () => {
  const text = `${'('.repeat(5_000)}true${')'.repeat(5_000)}`
  const findings = await linted(withPolicies(catalog, text))
  expect(failed(findings)).toEqual([])
  expect(findings.some(({ message }) => message.includes('nested deeper'))).toBe(true)
})

it('finds the same from a snapshot that an unprivileged role reads', async () => {
  const client = await at.database.connect(at.role('app_user'))
  const seen = await readCatalog(client, { schemas: 'all' })
  expect(seen.server.isSuperuser).toBe(false)
  const keys = (findings: readonly Finding[]): readonly string[] => findings.map(({ key }) => key)
  expect(keys(await linted(seen))).toEqual(keys(await linted(catalog)))
})

it('lets the other rules speak when one fails, and says which did', async () => {
  const { relations } = catalog
  const torn = { ...catalog, relations: relations.map((each) => ({ ...each, policies: [null] })) }
  const findings = await linted(torn as unknown as CatalogSnapshot)
  expect(failed(findings).length).toBeGreaterThan(0)
  expect(findings.length).toBeGreaterThan(failed(findings).length)
  expect(failed(findings).every((message) => message.includes('is not known'))).toBe(true)
})

function withPolicies(snapshot: CatalogSnapshot, using: string): CatalogSnapshot {
  return {
    ...snapshot,
    relations: snapshot.relations.map((relation) => ({
      ...relation,
      policies: relation.policies.map((policy) => ({ ...policy, using })),
    })),
  }
}
