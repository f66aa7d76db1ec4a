import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defineTenancy } from 'watertight/model'
import { createTestDatabase } from '../../../../test/database.js'
import type { TestDatabase } from '../../../../test/database.js'
import { schemaFaults } from '../../test/json-schema.js'
import { sharedSolver } from '../../test/shared-solver.js'
import type { Solver } from '../prove/solver.js'
import { diffExitCode, diffIsolation } from './index.js'
import type { DiffCell, DiffResult, DiffVerdict } from './index.js'

let a: TestDatabase
let b: TestDatabase
let solver: Solver
let app: string

beforeAll(async () => {
  ;[a, b] = await Promise.all([createTestDatabase(), createTestDatabase()])
  app = `${a.rolePrefix}_app`
  await a.admin.query(`create role ${app}`)
  solver = await sharedSolver()
})
afterAll(async () => {
  await b.drop()
  await a.drop()
})

const model = defineTenancy({
  context: { kind: 'guc', tenant: 'app.tenant_id' },
  tenantKey: { type: 'text' },
  schemas: ['s'],
})

const base = `
  drop schema if exists s cascade; create schema s; grant usage on schema s to APP;
  create table s.members (user_id text not null, tenant_id text not null, active boolean not null,
    primary key (user_id, tenant_id));
  grant select on s.members to APP;
  create function s.tenant() returns text language sql stable set search_path = pg_catalog, pg_temp
    as $$ select current_setting('app.tenant_id', true) $$;
  create function s.odd(t text) returns boolean language plpgsql volatile
    as $$ begin for i in 1..2 loop null; end loop; return true; end $$;
`
const table = (name: string): string => `
  create table s.${name} (id int primary key, tenant_id text not null, state text,
    done boolean not null, owner text);
  grant select, insert, update, delete on s.${name} to APP;
  alter table s.${name} enable row level security;
`
const ctx = `current_setting('app.tenant_id', true)`
const uid = `current_setting('app.uid', true)`
const own = `tenant_id = ${ctx}`
const reads = (name: string, using: string): string =>
  `create policy p on s.${name} for select to APP using (${using});`
/** `N` stands for the table. */
const member = (where: string): string =>
  `exists (select 1 from s.members m where m.tenant_id = N.tenant_id and m.user_id = ${uid}${where})`

async function compare(before: string, after: string): Promise<DiffResult> {
  for (const [database, text] of [
    [a, before],
    [b, after],
  ] as const) {
    await database.admin.query((base + text).replaceAll('APP', app))
  }
  const input = (name: string, database: TestDatabase): Parameters<typeof diffIsolation>[0] => ({
    name,
    db: database.admin,
    model,
    connect: async () => {
      const db = await database.connect()
      return { db, close: () => db.end() }
    },
  })
  return diffIsolation(input('A', a), input('B', b), { solver })
}

function cellOf(result: DiffResult, object: string, command: string): DiffCell {
  const found = result.cells.find(
    (cell) => cell.object === object && cell.command === command && cell.role === app,
  )
  if (found === undefined) throw new Error(`no cell ${object} ${command}`)
  return found
}

interface Case {
  readonly title: string
  readonly before: string
  readonly after: string
  readonly verdict: DiffVerdict
}

const change = (title: string, before: string, after: string, verdict: DiffVerdict): Case => ({
  title,
  before,
  after,
  verdict,
})

const readCases: readonly Case[] = [
  change('the operands of AND are swapped', `${own} and done`, `done and ${own}`, 'same'),
  change('a comparison is turned around', own, `${ctx} = tenant_id`, 'same'),
  change('De Morgan', `${own} or done`, `not (not (${own}) and not done)`, 'same'),
  change('IN with one item is an equality', own, `tenant_id in (${ctx})`, 'same'),
  change('a helper says what was written out', own, 'tenant_id = s.tenant()', 'same'),
  change(
    'a helper is called once',
    'tenant_id = s.tenant()',
    'tenant_id = (select s.tenant())',
    'same',
  ),
  change(
    'EXISTS becomes IN',
    member(''),
    `tenant_id in (select m.tenant_id from s.members m where m.user_id = ${uid})`,
    'same',
  ),
  change(
    'conditions of a search are swapped',
    member(' and m.active'),
    `exists (select 1 from s.members x where x.active and x.user_id = ${uid} and N.tenant_id = x.tenant_id)`,
    'same',
  ),
  change(
    'a part that is not modelled stays as it is',
    `state like 'a%' and ${own} and lower(owner) = ${uid}`,
    `lower(owner) = ${uid} and (${own} and state like 'a%')`,
    'same',
  ),
  change(
    'a part that may do anything stays as it is',
    `s.odd(tenant_id) and ${own} and done`,
    `done and ${own} and s.odd(tenant_id)`,
    'same',
  ),
  change('a condition is dropped', `${own} and done`, own, 'wider'),
  change('everything is allowed', own, 'true', 'wider'),
  change('NULL matches', `owner = ${uid}`, `owner is not distinct from ${uid}`, 'wider'),
  change('AND becomes OR', `${own} and done`, `${own} or done`, 'wider'),
  change('another column is compared', own, `owner = ${ctx}`, 'both'),
  change('memberships need not be active', member(' and m.active'), member(''), 'wider'),
  change(
    'a search forgets the tenant',
    member(''),
    `exists (select 1 from s.members m where m.user_id = ${uid})`,
    'wider',
  ),
  change('a row may be there instead of not', `not ${member('')}`, 'true', 'wider'),
  change('a part that may do anything comes in', own, 's.odd(tenant_id)', 'unknown'),
]

const reverse: Readonly<Record<DiffVerdict, DiffVerdict>> = {
  same: 'same',
  wider: 'narrower',
  narrower: 'wider',
  both: 'both',
  unknown: 'unknown',
}

describe('reads', () => {
  let forward: DiffResult
  let backward: DiffResult
  const side = (which: 'before' | 'after'): string =>
    readCases
      .map((entry, index) => {
        const name = `t${index}`
        return table(name) + reads(name, entry[which].replaceAll('N.', `${name}.`))
      })
      .join('\n')

  beforeAll(async () => {
    forward = await compare(side('before'), side('after'))
    backward = await compare(side('after'), side('before'))
  })

  it.each(readCases.map((entry, index) => [entry.title, index, entry.verdict] as const))(
    'when %s',
    (_title, index, verdict) => {
      const there = cellOf(forward, `s.t${index}`, 'SELECT')
      const back = cellOf(backward, `s.t${index}`, 'SELECT')
      expect([there.verdict, back.verdict]).toEqual([verdict, reverse[verdict]])
      const isDifferent = verdict !== 'unknown' && verdict !== 'same'
      const shown = [there, back].map(({ by, wider, narrower }) => [
        by === 'replay',
        (wider ?? narrower)?.replayed === true,
      ])
      expect(shown).toEqual([
        [isDifferent, isDifferent],
        [isDifferent, isDifferent],
      ])
    },
  )

  it('say which changed part is not modelled', () => {
    const index = readCases.findIndex(({ verdict }) => verdict === 'unknown')
    expect(cellOf(forward, `s.t${index}`, 'SELECT').reason).toContain('s.odd')
  })

  it('have a result that the shipped schema describes', async () => {
    const path = new URL('../../schema/diff-result.schema.json', import.meta.url)
    const schema = JSON.parse(await readFile(path, 'utf8')) as Parameters<typeof schemaFaults>[0]
    expect(schemaFaults(schema, JSON.parse(JSON.stringify(forward)))).toEqual([])
    expect(diffExitCode(forward, { allowUnknown: true })).toBe(1)
  })

  it('leave both databases as they were', async () => {
    for (const { admin } of [a, b]) {
      for (const name of ['members', 't0', 't11', 't15']) {
        expect((await admin.query(`select from s.${name}`)).rowCount).toBe(0)
      }
    }
  })
})

it('sees what policies rest on: helpers, the policies of tables they read, flags, other policies', async () => {
  const names = ['helped', 'listed', 'off', 'open', 'bound', 'handed', 'added', 'taken']
  const made = names.map(table).join('\n')
  const helper = (name: string): string => reads(name, 'tenant_id = (select s.tenant())')
  const writes = (name: string, rest: string): string =>
    `create policy p on s.${name} ${rest.replaceAll('OWN', own)};`
  const common = `${made}
    ${helper('helped')}
    alter table s.members enable row level security;
    create policy m on s.members to APP using (user_id = ${uid});
    ${reads('listed', 'tenant_id in (select m.tenant_id from s.members m)')}
    ${['off', 'open', 'bound'].map((name) => reads(name, own)).join('\n')}`
  const result = await compare(
    `${common}
     ${writes('handed', 'for update to APP using (OWN)')}
     ${writes('added', 'for insert to APP with check (OWN)')}
     ${writes('taken', 'for select to APP using (OWN)')}`,
    `${common}
     create or replace function s.tenant() returns text language sql stable
       set search_path = pg_catalog, pg_temp
       as $$ select coalesce(current_setting('app.tenant_id', true), 'shared') $$;
     alter table s.members disable row level security;
     alter table s.off disable row level security;
     create policy q on s.open using (done);
     create policy q on s.bound as restrictive using (done);
     ${writes('handed', 'for update to APP using (OWN) with check (true)')}
     ${writes('added', 'for insert to APP with check (true)')}
     ${writes('taken', 'for all to APP using (OWN)')}`,
  )
  const verdict = (name: string, command = 'SELECT'): readonly string[] => {
    const cell = cellOf(result, `s.${name}`, command)
    return [cell.verdict, cell.by]
  }
  expect(
    Object.fromEntries(
      ['helped', 'listed', 'members', 'off', 'open', 'bound'].map((name) => [name, verdict(name)]),
    ),
  ).toEqual({
    helped: ['wider', 'replay'],
    listed: ['wider', 'replay'],
    members: ['wider', 'replay'],
    off: ['wider', 'replay'],
    open: ['wider', 'replay'],
    bound: ['narrower', 'replay'],
  })
  expect(verdict('handed', 'UPDATE')).toEqual(['wider', 'replay'])
  expect(verdict('added', 'INSERT')).toEqual(['wider', 'replay'])
  expect(verdict('taken', 'DELETE')).toEqual(['wider', 'replay'])
  expect(verdict('taken', 'SELECT')).toEqual(['same', 'definition'])
  expect(result.facts).toContainEqual(expect.objectContaining({ kind: 'function' }))
})

it('tells of privileges, columns, views, new tables and what widens beside the policies', async () => {
  const common = `${table('notes')} ${reads('notes', own)}
    revoke select on s.notes from APP; grant select (id, tenant_id) on s.notes to APP;
    create view s.v with (security_invoker) as select id from s.notes; grant select on s.v to APP;`
  const result = await compare(
    common,
    `${common} grant select (state) on s.notes to APP; grant truncate on s.notes to APP;
     alter view s.v set (security_invoker = off);
     create table s.fresh (id int); grant select on s.fresh to APP;`,
  )
  expect(cellOf(result, 's.notes', 'SELECT')).toMatchObject({
    verdict: 'wider',
    by: 'catalog',
    reason: 'columns now within reach: state',
  })
  expect(cellOf(result, 's.fresh', 'SELECT')).toMatchObject({ verdict: 'wider' })
  expect(cellOf(result, 's.v', 'SELECT')).toMatchObject({ verdict: 'unknown' })
  const widening = result.facts.filter(({ effect }) => effect === 'widens')
  expect(widening.map(({ kind }) => kind).toSorted()).toEqual(['privilege', 'view'])
  const none = await compare(common, common)
  expect(none.facts).toEqual([])
  expect(diffExitCode(none, { allowUnknown: false })).toBe(0)
})
