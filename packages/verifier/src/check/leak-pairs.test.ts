import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { defineTenancy } from 'watertight/model'
import { describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import type { CheckResult } from '../findings/index.js'
import { check } from './check.js'

const folder = new URL('../../../../../shared/leak-pairs/', import.meta.url)
const available = existsSync(folder)
if (!available) process.stdout.write(`skipped: no leak pairs at ${folder.pathname}\n`)

const names = available
  ? readdirSync(folder)
      .filter((file) => file.endsWith('.bad.sql'))
      .map((file) => file.replace(/\.bad\.sql$/, ''))
  : []

const model = defineTenancy({
  tenantKey: { column: 'tenant_id', type: 'text' },
  userKey: { type: 'text' },
  context: { kind: 'guc', tenant: 'app.current_tenant', user: 'app.uid' },
  roles: {
    app: 'authenticated',
    public: 'anon',
    owner: null,
    migrator: null,
    auditor: null,
    worker: null,
    platform: null,
  },
  schemas: ['public'],
})

async function checked(name: string, twin: 'bad' | 'good'): Promise<CheckResult> {
  const database = await createTestDatabase()
  try {
    const { admin } = database
    for (const role of ['anon', 'authenticated']) {
      await admin.query(
        `do $$ begin create role ${role}; exception when duplicate_object or unique_violation then null; end $$`,
      )
    }
    const text = readFileSync(new URL(`${name}.${twin}.sql`, folder), 'utf8')
    await admin.query(text.replaceAll(`bk_${name}_${twin}`, database.name))
    return await check(admin, { model, live: true, now: () => new Date() })
  } finally {
    await database.drop()
  }
}

const loud = (result: CheckResult): string[] =>
  result.findings.filter((finding) => finding.severity !== 'info').map((finding) => finding.key)

const found: string[] = []

describe.skipIf(!available)('the pairs of leaking and sound schemas', () => {
  it.each(names)('%s', async (name) => {
    const bad = await checked(name, 'bad')
    const good = await checked(name, 'good')
    const quiet = new Set(loud(good))
    if (loud(bad).some((key) => !quiet.has(key))) found.push(name)
    const badKeys = new Set(loud(bad))
    const extra = loud(good).filter((key) => !badKeys.has(key))
    expect(extra).toEqual([])
  })

  it('finds at least as many as ever before', () => {
    const missed = names.filter((name) => !found.includes(name))
    const rest = missed.length === 0 ? '' : `; not found: ${missed.join(', ')}`
    process.stdout.write(`leak pairs: ${found.length} of ${names.length} found${rest}\n`)
    expect(found.length).toBeGreaterThanOrEqual(52)
  })
})
