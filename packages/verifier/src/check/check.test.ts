import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { caseDatabase } from '../../test/readme-cases.js'
import type { CaseDatabase } from '../../test/readme-cases.js'
import { schemaFaults } from '../../test/json-schema.js'
import { exitCodeOf } from '../findings/index.js'
import type { CheckResult } from '../findings/index.js'
import { renderJson } from '../report/index.js'
import { check } from './check.js'

const mine = `tenant_id = current_setting('app.tenant_id', true)`
const table = `create table notes (id serial primary key, tenant_id text not null, body text);
  insert into notes (tenant_id, body) values ('a', 'secret of a'), ('b', 'secret of b');
  grant select, insert, update, delete on notes to app_user;`
const sound = `${table} alter table notes enable row level security; alter table notes force row level security;
  create policy mine on notes to app_user using (${mine}) with check (${mine});`

let at: CaseDatabase | undefined
afterEach(async () => {
  await at?.database.drop()
  at = undefined
})

async function checked(
  text: string,
  options: {
    live?: boolean
    prove?: boolean
    exact?: boolean
    accept?: string[]
    role?: 'app_user'
  } = {},
): Promise<CheckResult> {
  at = await caseDatabase(text)
  const client = options.role ? await at.database.connect(at.role(options.role)) : at.database.admin
  const accept = (options.accept ?? []).map((key) => ({
    key: key.replace('app_user', at?.role('app_user') ?? ''),
    reason: 'known',
    until: new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10),
  }))
  return check(client, {
    model: { ...at.model, accept },
    live: options.live ?? true,
    prove: options.prove ?? false,
    now: () => new Date(),
    ...(options.exact === undefined
      ? {}
      : {
          generated: {
            isExact: () => options.exact === true,
            assumptionsOf: () => ['the key is secret'],
          },
        }),
  })
}

describe('check', () => {
  it('finds the tenants of an open table and says so in the JSON that its schema describes', async () => {
    const result = await checked(table)
    const path = new URL('../../schema/check-result.schema.json', import.meta.url)
    const json = renderJson(result)
    expect(schemaFaults(JSON.parse(readFileSync(path, 'utf8')), JSON.parse(json))).toEqual([])
    expect(json.startsWith('{\n  "schema": "watertight.check/1"')).toBe(true)
    expect(result.summary).toMatchObject({ leak: 4, proven: 0 })
    expect(exitCodeOf(result, { allowUnknown: true })).toBe(1)
  })

  it('calls a table proven because its policies are', async () => {
    const result = await checked(sound, { prove: true, live: false })
    const ruled = result.coverage.filter(({ verdict }) => verdict !== 'not-applicable')
    expect(ruled.map(({ verdict, by }) => `${verdict} by ${by}`)).toEqual(
      ['SELECT', 'INSERT', 'UPDATE', 'DELETE'].map(() => 'proven by prove'),
    )
    expect(exitCodeOf(result, { allowUnknown: false })).toBe(0)
  })

  it('calls nothing proven that is open, and gives an example', async () => {
    const result = await checked(table, { prove: true, live: false })
    expect(result.summary).toMatchObject({ proven: 0 })
    expect(result.coverage[0]?.reason).toContain('not proven')
  })

  it('never calls a table proven because its probes were refused', async () => {
    const result = await checked(sound)
    expect(result.summary).toMatchObject({ leak: 0, proven: 0, unknown: 4, errors: 0 })
    expect(result.coverage[0]?.reason).toMatch(/^(\d+) of \1 probes were refused; not proven$/)
    expect(exitCodeOf(result, { allowUnknown: false })).toBe(3)
    expect(exitCodeOf(result, { allowUnknown: true })).toBe(0)
  })

  it('calls a table proven that is exactly as generated, unless a probe gets through', async () => {
    const exact = await checked(sound, { exact: true })
    expect(exact.summary).toMatchObject({ proven: 4, leak: 0 })
    expect(exitCodeOf(exact, { allowUnknown: false })).toBe(0)
    await at?.database.drop()
    const wrong = await checked(table, { exact: true })
    expect(wrong.summary).toMatchObject({ proven: 0, leak: 4 })
  })

  it('prints no row of the database, neither in findings nor in coverage', async () => {
    const json = renderJson(await checked(table))
    expect(json).not.toContain('secret of')
  })

  it('leaves rows, catalog and sequences as they were', async () => {
    at =
      await caseDatabase(`${table} create table empty (id serial primary key, tenant_id text not null, n int check (n > 0) not null);
      grant select, insert, update, delete on empty to app_user`)
    const { admin } = at.database
    const state = async (): Promise<unknown> => {
      const rows =
        await admin.query(`select (select jsonb_agg(n order by id) from notes n) as notes,
        (select count(*) from empty) as empty, (select jsonb_agg(c.relname order by 1) from pg_class c) as classes,
        (select jsonb_agg(last_value order by sequencename) from pg_sequences) as sequences`)
      return rows.rows[0]
    }
    const before = await state()
    const result = await check(admin, { model: at.model, live: true, now: () => new Date() })
    expect(await state()).toEqual(before)
    expect(result.summary.statements).toBeGreaterThan(10)
    expect(result.summary.sequencesMoved).toEqual([])
  })

  it('says of every cell that it was not probed when nobody asked for probes', async () => {
    const result = await checked(sound, { live: false })
    expect(result.stages.map(({ stage, state }) => `${stage} ${state}`)).toEqual([
      'lint ran',
      'prove skipped',
      'attack skipped',
    ])
    expect(result.classes.find((each) => each.class === 'table')).toMatchObject({
      total: 1,
      checked: 0,
      skipped: 1,
    })
    expect(
      new Set(result.coverage.filter((row) => row.verdict === 'unknown').map((row) => row.reason)),
    ).toEqual(new Set(['not probed: live probes were not asked for']))
  })

  it('says that it cannot probe when the connected role cannot see all rows', async () => {
    const result = await checked(sound, { role: 'app_user' })
    const reasons = result.coverage
      .filter((row) => row.verdict === 'unknown')
      .map((row) => row.reason)
    expect(new Set(reasons).size).toBe(1)
    expect(reasons[0]).toContain('connect as a superuser to probe')
    expect(exitCodeOf(result, { allowUnknown: false })).toBe(3)
  })

  it('moves an accepted finding out of the count and still shows it', async () => {
    const result = await checked(`${sound} grant truncate on notes to app_user`, {
      accept: ['grant-excess:public.notes:app_user:TRUNCATE'],
    })
    expect(result.summary.accepted).toBe(1)
    expect(result.accepted[0]).toMatchObject({ reason: 'known' })
    // What a probe shows is a finding of its own.
    expect(result.findings.map(({ rule }) => rule)).not.toContain('grant-excess')
  })

  it('holds nothing about an unclassified table and a global table that the role may change', async () => {
    const result = await checked('create table loose (id int); grant select on loose to app_user')
    expect(result.summary).toMatchObject({ unknown: 1, warnings: 1, proven: 0 })
  })

  it('is undone when the connection dies in the middle', async () => {
    at = await caseDatabase(table)
    const { admin } = at.database
    const client = await at.database.connect()
    const pid = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    let killed = false
    const run = check(client, {
      model: at.model,
      live: true,
      now: () => new Date(),
      onProgress: ({ stage, done }) => {
        if (stage !== 'attack' || done !== 1 || killed) return
        killed = true
        void admin.query('select pg_terminate_backend($1)', [pid.rows[0]?.pid])
      },
    })
    await expect(run).rejects.toThrow()
    const left = await admin.query('select count(*)::int as n from notes')
    expect(left.rows[0]).toEqual({ n: 2 })
  })
})
