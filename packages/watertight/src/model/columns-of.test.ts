import { expect, it } from 'vitest'
import { declarationOf, orgColumnOf, parseModel, parseTableName, tenantColumnOf } from './index.js'

const model = parseModel({
  schemas: ['app'],
  tenantKey: { column: 'tenant', columnByTable: { 'app.Accounts': 'id', 'app.both': 'loses' } },
  orgUnits: { column: 'unit', table: 'app.units', columnByTable: { 'app.teams': 'team_unit' } },
  tables: {
    'app.both': { scope: 'tenant', tenantColumn: 'wins' },
    'app.shifts': { scope: 'org', orgColumn: 'branch' },
  },
})

it.each([
  ['app.both', 'wins', 'unit'],
  ['app.Accounts', 'id', 'unit'],
  ['app.accounts', 'tenant', 'unit'],
  ['app.teams', 'tenant', 'team_unit'],
  ['app.shifts', 'tenant', 'branch'],
  ['app.constructor', 'tenant', 'unit'],
])('%s has its tenant in %s and its org unit in %s', (written, tenant, unit) => {
  const table = parseTableName(written)
  expect(tenantColumnOf(model, table)).toBe(tenant)
  expect(orgColumnOf(model, table)).toBe(unit)
})

it('finds the declaration of a table by both parts of its name', () => {
  expect(declarationOf(model, { schema: 'app', name: 'shifts' })?.scope).toBe('org')
  expect(declarationOf(model, { schema: 'App', name: 'shifts' })).toBeNull()
})
