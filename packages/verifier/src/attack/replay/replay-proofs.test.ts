import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { caseDatabase } from '../../../test/readme-cases.js'
import type { CaseDatabase } from '../../../test/readme-cases.js'
import { check } from '../../check/check.js'
import type { CheckResult, CoverageRow } from '../../findings/index.js'

const ctx = `tenant_id = current_setting('app.tenant_id', true)`
const user = `current_setting('app.user_id', true)`

const shared = `create table members (user_id text not null, tenant_id text not null, level text not null default 'member', primary key (user_id, tenant_id, level));
  insert into members values ('ua', 'a', 'member'), ('ub', 'b', 'member');
  alter table members enable row level security; alter table members force row level security;
  create policy own on members for select using (user_id = ${user}); grant select on members to app_user;
  create function hidden(k text, n int) returns boolean language sql immutable as 'select k = ''okapi'' and n > 900';`

const table = (name: string, policy: string): string =>
  `create table ${name} (id int primary key, tenant_id text not null, kind text not null default 'note', state text not null default 'open', size int not null default 1, listed boolean not null default false);
  insert into ${name} (id, tenant_id) values (1, 'a'), (2, 'b');
  alter table ${name} enable row level security; alter table ${name} force row level security;
  grant select, insert, update, delete on ${name} to app_user;
  create policy p on ${name} ${policy};`

const leaks = [
  ['inside', 'SELECT', `using (${ctx} or hidden(kind, size)) with check (${ctx})`],
  [
    'memberships',
    'SELECT',
    `using (${ctx} or (
       exists (select from members m where m.user_id = ${user} and m.level = 'auditor')
       and exists (select from members m where m.user_id = ${user} and m.level = 'keeper'))) with check (${ctx})`,
  ],
  ['inserted', 'INSERT', `using (${ctx}) with check (${ctx} or hidden(kind, size))`],
  ['changed', 'UPDATE', `using (${ctx}) with check (${ctx} or hidden(state, size))`],
  ['keyed', 'UPDATE', `using (${ctx}) with check (${ctx} or hidden(state, size))`],
  ['removed', 'DELETE', `using (${ctx} or hidden(state, size)) with check (${ctx})`],
] as const

const sound = [
  ['refused', `using (${ctx} or (kind = 'zebra' and kind = lower('OKAPI'))) with check (${ctx})`],
  [
    'granted',
    `using (${ctx} or exists (select from shares s where s.note_id = granted.id and s.user_id = ${user})) with check (${ctx})`,
  ],
] as const

let at: CaseDatabase
let result: CheckResult

beforeAll(async () => {
  const text = [
    shared,
    `create table shares (note_id int not null, user_id text not null, primary key (note_id, user_id));
     alter table shares enable row level security;
     create policy own on shares for select using (user_id = ${user}); grant select on shares to app_user;`,
    ...leaks.map(([name, , policy]) => table(name, policy)),
    ...sound.map(([name, policy]) => table(name, policy)),
    'alter table keyed drop constraint keyed_pkey, add primary key (tenant_id, id);',
  ]
  at = await caseDatabase(text.join('\n'))
  result = await check(at.database.admin, {
    model: at.model,
    live: true,
    // Nobody waits for these tables, however slow the machine is at the moment.
    attack: { limits: { statementTimeout: 60_000, lockTimeout: 60_000 } },
    now: () => new Date(),
  })
}, 180_000)
afterAll(() => at.database.drop())

const cellOf = (name: string, command: string): CoverageRow | undefined =>
  result.coverage.find(
    (row) =>
      row.object === `public.${name}` && row.command === command && row.role.endsWith('app_user'),
  )

describe('a counterexample of the prover, replayed on the server', () => {
  it.each(leaks)('%s: shows a compound condition to open %s', (name, command) => {
    expect(cellOf(name, command)).toMatchObject({
      verdict: 'leak',
      by: 'prove',
      reason: expect.stringMatching(/^counterexample: /),
    })
    const found = result.findings.find(
      ({ rule, evidence }) =>
        rule === 'counterexample' && evidence.objects.includes(`public.${name}`),
    )
    expect(found?.severity).toBe('error')
    expect(found?.evidence['statement']).toContain(name)
  })

  it.each(sound)('%s: calls nothing a leak that the server or an invitation explains', (name) => {
    expect(cellOf(name, 'SELECT')?.verdict).toBe('unknown')
    expect(cellOf(name, 'SELECT')?.reason).toContain('does not replay')
    const errors = result.findings.filter(
      ({ severity, evidence }) =>
        severity === 'error' && evidence.objects.includes(`public.${name}`),
    )
    expect(errors).toEqual([])
  })
})
