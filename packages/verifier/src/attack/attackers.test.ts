import { readCatalog } from 'watertight/catalog'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { caseDatabase } from '../../test/readme-cases.js'
import type { CaseDatabase } from '../../test/readme-cases.js'
import { attackFindings } from '../check/attack-findings.js'
import { lintInput } from '../lint/lint-input.js'
import { attackersOf } from './attackers.js'
import { runAttacks } from './run-attacks.js'
import type { AttackReport } from './run-attacks.js'

let at: CaseDatabase
let report: AttackReport
let names: readonly string[]

const role = (name: string): string => `${at.database.rolePrefix}_${name}`
const rolesThatGotThrough = (id: string): readonly string[] =>
  report.results
    .filter(({ attack, outcome }) => attack.id === id && outcome.kind === 'leak')
    .map(({ role: name }) => name)

beforeAll(async () => {
  at =
    await caseDatabase(`create table notes (id int primary key, tenant_id text not null, body text);
    insert into notes values (1, 'a', 'x'), (2, 'b', 'y');
    alter table notes enable row level security;
    alter table notes owner to app_owner;
    grant select on notes to app_user, app_support;
    create policy own on notes using (tenant_id = current_setting('app.tenant_id', true));
    create policy support on notes for select to app_support using (true)`)
  const { admin, name } = at.database
  await admin.query(`create role ${role('auditor')} login; create role ${role('job')} login;
    create role ${role('staff')} login; create role ${role('service')} login bypassrls;
    create role ${role('backup')} login; create role ${role('keeper')} login;
    create role ${role('guest')} login; create role ${role('shut')} login;
    grant usage on schema public to ${role('auditor')}, ${role('job')}, ${role('service')}, ${role('backup')}, ${role('shut')};
    grant select on notes to ${role('auditor')}, ${role('job')}, ${role('service')}, ${role('backup')}, ${role('shut')};
    create policy audit on notes for select to ${role('auditor')} using (true);
    grant ${role('app_support')} to ${role('staff')}; grant pg_read_all_data to ${role('backup')};
    grant ${role('app_owner')} to ${role('keeper')};
    revoke connect on database ${name} from public;
    grant connect on database ${name} to ${['auditor', 'job', 'staff', 'service', 'backup', 'keeper', 'guest'].map(role).join()};
    alter role ${role('job')} in database ${name} set app.tenant_id = 'b'`)
  const catalog = await readCatalog(admin, { schemas: 'all' })
  const input = lintInput(at.model, catalog, new Date())
  names = attackersOf(input).map(({ name: found }) => found)
  report = await runAttacks(admin, input)
})
afterAll(() => at.database.drop())

it('attacks as every role that may log in and reach the rows, declared or not', () => {
  const expected = ['app_user', 'anon_user', 'auditor', 'backup', 'job', 'staff']
  expect([...names].sort()).toEqual(expected.map(role).sort())
})

it('finds an undeclared role that reads every tenant by its own policy or by a group’s', () => {
  const found = rolesThatGotThrough('foreign-select')
  expect([...found].sort()).toEqual([role('auditor'), role('staff')])
})

it('finds a role whose sessions start as a tenant, though SET ROLE applies no defaults', () => {
  expect(rolesThatGotThrough('no-context-select')).toContain(role('job'))
  expect(rolesThatGotThrough('no-context-select')).not.toContain(role('app_user'))
})

it('lists roles that are there to see everything, and calls none of them a leak', () => {
  const infos = attackFindings(report).filter(({ rule }) => rule === 'privileged-role')
  const expected = ['keeper', 'service'].map((name) => `role ${role(name)}`)
  expect(infos.map(({ evidence }) => evidence.objects[0]).sort()).toEqual(expected)
  expect(infos.every(({ severity }) => severity === 'info')).toBe(true)
})

it('says that the model does not name the role', () => {
  const [finding] = attackFindings(report).filter(({ message }) => message.includes('auditor'))
  expect(finding?.severity).toBe('error')
  expect(finding?.message).toContain('The model does not name the role')
})
