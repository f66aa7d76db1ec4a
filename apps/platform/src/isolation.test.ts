import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diffSnapshots, readCatalog } from 'watertight/catalog'
import type { CatalogSnapshot } from 'watertight/catalog'
import { makePlan, rollbackPlan, schemasOf } from 'watertight/migrate'
import type { TenancyModel } from 'watertight/model'
import { checkRuntimeRole } from 'watertight/runtime'
import { ident, sql } from 'watertight/sql'
import type { TestDatabase } from '../../../test/database.js'
import { serverMajors } from '../../../test/database.js'
import type { CatalogAssertion } from '../test/catalog-assertions.js'
import {
  catalogAssertions,
  hasExactColumnGrants,
  hasExactGrants,
  hasGuard,
  hasNoOpenPolicy,
  hasOrgUnit,
  hasTenant,
  hasTenantInKeys,
  hasTenantInReferences,
  hasTenantIndex,
  isAppendOnly,
  isDeclared,
  isForced,
  isOutOfReach,
} from '../test/catalog-assertions.js'
import { createBareDatabase } from '../test/platform-database.js'
import { applyIsolation } from './boot/apply-isolation.js'

/** For each rule a change that breaks it, as SQL, and what is found then. */
const breaks: readonly (readonly [
  rule: CatalogAssertion,
  change: (app: string) => string,
  found: RegExp,
])[] = [
  [isDeclared, () => 'create table sec.unclaimed (tenant_id uuid not null)', /^sec\.unclaimed$/],
  [isForced, () => 'alter table sec.alerts disable row level security', /^sec\.alerts$/],
  [
    isForced,
    () => 'alter table ops.audit_log_2026_10 no force row level security',
    /^ops\.audit_log_2026_10$/,
  ],
  [
    hasTenant,
    () => 'alter table sec.exports alter column tenant_id drop not null',
    /^sec\.exports\.tenant_id$/,
  ],
  [
    hasOrgUnit,
    () => 'alter table evt.check_ins alter column org_unit_id drop not null',
    /^evt\.check_ins$/,
  ],
  [
    hasGuard,
    () => 'drop policy watertight_member_guard on eval.submissions',
    /^eval\.submissions for .*_(app|worker)$/,
  ],
  [
    hasNoOpenPolicy,
    (app) => sql`create policy demo on sec.assets to ${ident(app)} using (true)`.text,
    /^sec\.assets: demo$/,
  ],
  [
    hasNoOpenPolicy,
    () => 'create policy demo on sec.assets using (tenant_id is not null)',
    /^sec\.assets: demo$/,
  ],
  [
    hasExactGrants,
    (app) => sql`grant truncate on media.files to ${ident(app)}`.text,
    /^media\.files: .*_app may TRUNCATE$/,
  ],
  [
    hasExactGrants,
    (app) => sql`grant select on notify.notification_logs_1 to ${ident(app)}`.text,
    /^notify\.notification_logs_1: .*_app may SELECT$/,
  ],
  [
    hasExactGrants,
    (app) => sql`revoke insert on sec.alerts from ${ident(app)}`.text,
    /^sec\.alerts: .*_app may not INSERT$/,
  ],
  [hasExactColumnGrants, () => 'grant select on core.api_keys to public', /^core\.api_keys\./],
  [isAppendOnly, () => 'alter table sec.evidence disable trigger user', /^sec\.evidence$/],
  [
    hasTenantInReferences,
    () => 'alter table sec.exports add supersedes uuid references sec.assets (id)',
    /^sec\.exports: exports_supersedes_fkey$/,
  ],
  [
    hasTenantInKeys,
    () => 'create unique index by_title on sec.alerts (title)',
    /^sec\.alerts: by_title$/,
  ],
  [hasTenantIndex, () => 'create table sec.loose (tenant_id uuid)', /^sec\.loose$/],
  [isOutOfReach, (app) => sql`alter role ${ident(app)} bypassrls`.text, /_app has powers$/],
  [
    isOutOfReach,
    (app) => sql`grant pg_read_all_data to ${ident(app)}`.text,
    /_app (is a member of pg_read_all_data|reads the signing keys)$/,
  ],
  [
    isOutOfReach,
    (app) => sql`grant select on watertight.signing_keys to ${ident(app)}`.text,
    /_app reads the signing keys$/,
  ],
  [
    isOutOfReach,
    (app) => sql`grant create on schema sec to ${ident(app)}`.text,
    /_app may create in sec$/,
  ],
]

describe.each(serverMajors)('the isolation layer of the platform on PostgreSQL %i', (major) => {
  let database: TestDatabase & { readonly model: TenancyModel }
  let before: CatalogSnapshot
  let steps: number

  beforeAll(async () => {
    database = await createBareDatabase(major)
    const { admin, model } = database
    before = await readCatalog(admin, { schemas: schemasOf(model) })
    steps = await applyIsolation(admin, model)
  })

  afterAll(async () => {
    await database.drop()
  })

  test('is in place after one plan: a second one is empty', async () => {
    const { admin, model } = database
    expect(steps).toBeGreaterThan(500)
    const { steps: pending, notes } = await makePlan(admin, model)
    expect(pending.map(({ summary }) => summary)).toEqual([])
    expect(notes).toEqual([])
  })

  test.each(catalogAssertions)('every table $name', async (rule) => {
    expect(await rule.offenders(database.admin, database.model)).toEqual([])
  })

  const changes = breaks.map(([rule, change, found]) => ({
    statement: change('the_app'),
    rule,
    change,
    found,
  }))

  test.each(changes)('is found to be broken by: $statement', async ({ rule, change, found }) => {
    const { admin, model } = database
    await admin.query('begin')
    try {
      await admin.query(change(model.roles.app))
      const offenders = await rule.offenders(admin, model)
      expect(offenders).not.toEqual([])
      for (const offender of offenders) expect(offender).toMatch(found)
    } finally {
      await admin.query('rollback')
    }
  })

  test('every runtime role passes the boot check, and roles that could bypass RLS do not', async () => {
    const { roles } = database.model
    for (const mode of ['app', 'worker', 'auditor', 'platform', 'public'] as const) {
      const client = await database.connect(roles[mode] ?? '')
      await checkRuntimeRole(client, { role: mode })
    }
    const migrator = await database.connect(roles.migrator ?? '')
    for (const client of [database.admin, migrator]) {
      await expect(checkRuntimeRole(client, { role: 'app' })).rejects.toMatchObject({
        code: 'UNSAFE_ROLE',
      })
    }
  })

  test('rolls back to exactly what was there before, and can be applied again', async () => {
    const { admin, model } = database
    const allow = [
      'WIDENS_ACCESS',
      'DISABLES_RLS',
      'DROPS_POLICY',
      'GRANTS_BYPASS',
      'DELETES_DATA',
      'REWRITES_TABLE',
      'OPENS_WINDOW',
    ]
    await rollbackPlan(admin, { allow })
    const after = await readCatalog(admin, { schemas: schemasOf(model) })
    expect(diffSnapshots(before, after)).toEqual([])
    expect(await isForced.offenders(admin, model)).not.toEqual([])
    expect(await applyIsolation(admin, model)).toBe(steps)
    expect((await makePlan(admin, model)).steps).toEqual([])
  }, 120_000)
})
