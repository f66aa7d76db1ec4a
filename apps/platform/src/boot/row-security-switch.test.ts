import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestDatabase } from '../../../../test/database.js'
import { createTestDatabase } from '../../../../test/database.js'
import { parseStartOptions } from '../start-options.js'
import { seedDemoData } from '../demo-data/index.js'
import { applyIsolation } from './apply-isolation.js'
import { bootPlatform } from './boot-platform.js'
import type { BootedPlatform } from './boot-platform.js'
import { switchRowSecurityOff, switchRowSecurityOn } from './row-security-switch.js'

let server: TestDatabase
let platform: BootedPlatform
const progress: string[] = []

beforeAll(async () => {
  server = await createTestDatabase()
  platform = await bootPlatform({
    url: server.url,
    dataDir: null,
    database: `${server.rolePrefix}_platform`,
    rolePrefix: server.rolePrefix,
    signingKey: undefined,
    rowSecurity: false,
    signal: new AbortController().signal,
    onProgress: (line) => progress.push(line),
  })
}, 120_000)
afterAll(async () => {
  await platform.stop()
  await server.drop()
})

async function tablesWithout({ admin, model }: BootedPlatform): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any ($1) and c.relkind in ('r', 'p') and not c.relispartition
       and not c.relrowsecurity order by 1`,
    [model.schemas],
  )
  return rows.map(({ name }) => name)
}

const addTenant = "insert into core.tenants (slug, name) values ($1, 'One') returning id"

describe('MULTITENANCY_RLS_ENABLED', () => {
  test('is on unless it says false, and says nothing else', () => {
    const read = (value?: string): boolean =>
      parseStartOptions([], { MULTITENANCY_RLS_ENABLED: value }).rowSecurity
    expect([read(), read(''), read('true'), read('false')]).toEqual([true, true, true, false])
    for (const value of ['0', 'off', 'FALSE ', 'no'])
      expect(() => read(value)).toThrow(/true or false/)
  })

  test('off is accepted where nobody is isolated from anybody, loudly, and kept so', async () => {
    expect(progress.filter((line) => line.startsWith('WARNING')).join('\n')).toMatch(
      /ROW LEVEL SECURITY IS OFF on \d+ tables/,
    )
    expect(progress).not.toContain('filling three demo tenants')
    const without = await tablesWithout(platform)
    expect(without).toEqual(
      expect.arrayContaining(['sec.assets', 'eval.evaluations', 'evt.registrations']),
    )
    // What the public sees, whose rows are whose, and what belongs to one user.
    for (const name of ['evt.events', 'core.tenants', 'ops.audit_log', 'notify.preferences']) {
      expect(without).not.toContain(name)
    }
    const { admin } = platform
    const first = await admin.query<{ id: string }>(addTenant, ['one'])
    await expect(admin.query(addTenant, ['two'])).rejects.toMatchObject({ code: '23505' })
    const unit = `insert into core.org_units (tenant_id, parent_id, name, slug, is_hidden_root)
      values ($1, $2, 'Unit', $3, $4) returning id`
    const tenantId = first.rows[0]?.id
    const root = await admin.query<{ id: string }>(unit, [tenantId, null, 'root', true])
    const below = [tenantId, root.rows[0]?.id, 'below', false]
    await expect(admin.query(unit, below)).rejects.toMatchObject({ code: '23505' })
  })

  test('on again takes the restrictions back; then off is refused, with every obstacle', async () => {
    const { admin, model } = platform
    await switchRowSecurityOn(admin)
    await applyIsolation(admin, model)
    expect(await tablesWithout(platform)).toEqual([])
    await seedDemoData(admin)
    await expect(switchRowSecurityOff(admin, model, 'test')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      object: 'MULTITENANCY_RLS_ENABLED',
      problems: [
        { path: 'core.tenants' },
        { path: 'core.org_units' },
        { path: 'core.access_grants' },
      ],
    })
    await expect(switchRowSecurityOff(admin, model, 'production')).rejects.toMatchObject({
      code: 'DEVELOPMENT_ONLY',
    })
    expect(await tablesWithout(platform)).toEqual([])
  })
})
