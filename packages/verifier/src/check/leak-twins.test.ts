import { readdirSync, readFileSync } from 'node:fs'
import { defineTenancy } from 'watertight/model'
import { expect, it } from 'vitest'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { check } from './check.js'

const folder = new URL('../../test/leak-twins/', import.meta.url)
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.bad.sql'))
  .map((file) => file.replace(/\.bad\.sql$/, ''))

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

interface Twin {
  /** Keys of the errors and warnings. */
  readonly loud: readonly string[]
  /** The probe got through on the server. */
  readonly leaks: boolean
}

async function judge(name: string, twin: 'bad' | 'good'): Promise<Twin> {
  const database = await createTestDatabase()
  try {
    const { admin, rolePrefix } = database
    await admin.query(`create role ${rolePrefix}_reader`)
    for (const role of ['anon', 'authenticated']) {
      await admin.query(
        `do $$ begin create role ${role}; exception when duplicate_object or unique_violation then null; end $$`,
      )
    }
    await admin.query('grant usage on schema public to anon, authenticated')
    const text = readFileSync(new URL(`${name}.${twin}.sql`, folder), 'utf8')
    await admin.query(text.replaceAll('PREFIX', rolePrefix))
    // Rules and attacks answer for these channels; proofs would only take longer.
    const result = await check(admin, { model, live: true, prove: false, now: () => new Date() })
    const loud = result.findings.filter(({ severity }) => severity !== 'info')
    return { loud: loud.map(({ key }) => key), leaks: await probe(database, name) }
  } finally {
    await database.drop()
  }
}

/** Statement by statement on a connection of its own, as psql would: errors do not end it. */
async function probe(database: TestDatabase, name: string): Promise<boolean> {
  const client = await database.connect()
  const statements = readFileSync(new URL(`${name}.probe.sql`, folder), 'utf8').split(';\n')
  let leaks = false
  for (const statement of statements) {
    const answer = await client.query({ text: statement, rowMode: 'array' }).catch(() => null)
    leaks ||= answer?.rows.flat().includes('LEAK') ?? false
  }
  return leaks
}

it.each(names)('tells the leaking twin from the sound one: %s', async (name) => {
  const [bad, good] = [await judge(name, 'bad'), await judge(name, 'good')]
  expect({ bad: bad.leaks, good: good.leaks }).toEqual({ bad: true, good: false })
  expect(good.loud).toEqual([])
  expect(bad.loud).not.toEqual([])
})
