import { readCatalog } from 'watertight/catalog'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { caseDatabase } from '../../test/readme-cases.js'
import type { CaseDatabase } from '../../test/readme-cases.js'
import { classify } from './classify.js'
import type { Classification } from './classify.js'

let at: CaseDatabase
let tables: Classification

beforeAll(async () => {
  at = await caseDatabase(`create table firms (slug text primary key, name text);
    create table towns (code text primary key);
    create table notes (id int primary key, tenant_id text not null references firms, town text references towns);
    create table bills (id int primary key, tenant_id text not null references firms, twin int references bills);
    create table oddities (id int primary key, tenant_id text references towns);
    create table nodes (tenant_id text primary key, up text references nodes);`)
  tables = classify(at.model, await readCatalog(at.database.admin, { schemas: 'all' }))
})
afterAll(() => at.database.drop())

it('takes the table that most keys of tenants point to for the table of tenants', () => {
  expect(tables.get('public.firms')).toMatchObject({ scope: 'tenant', tenantColumn: 'slug' })
})

it('leaves tables that other columns or fewer keys point to unclassified', () => {
  expect(tables.get('public.towns')?.scope).toBeNull()
})
