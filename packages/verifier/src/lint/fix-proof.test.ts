import { afterAll, beforeAll, expect, it } from 'vitest'
import { caseDatabase } from '../../test/readme-cases.js'
import type { CaseDatabase } from '../../test/readme-cases.js'
import { expectNothingLost, expectProven } from '../../test/fix-proof.js'
import { makeFinding } from '../findings/index.js'
import type { Finding } from '../findings/index.js'

const mine = `tenant_id = current_setting('app.tenant_id', true)`
let at: CaseDatabase

beforeAll(async () => {
  at =
    await caseDatabase(`create table notes (id int primary key, tenant_id text not null, body text);
    grant select, insert, update, delete on notes to app_user;
    alter table notes enable row level security; alter table notes force row level security;
    create policy p on notes to app_user using (true)`)
})
afterAll(() => at.database.drop())

function fixedBy(fix: string): readonly Finding[] {
  return [makeFinding({ rule: 'r', severity: 'error', object: 'public.notes', message: 'm', fix })]
}

const judged = (fix: string): Promise<void> =>
  expectNothingLost(at, fixedBy(fix), { repeatable: true })

it('accepts a fix that keeps what is one’s own and hides the rest', async () => {
  await expect(judged(`alter policy p on notes using (${mine})`)).resolves.toBeUndefined()
})

it.each([
  ['loses own rows', 'alter policy p on notes using (false)'],
  ['takes a command away', `alter policy p on notes using (${mine}) with check (false)`],
  ['leaves foreign rows in reach', 'alter policy p on notes using (id is not null)'],
  ['lets rows be written for others', `alter policy p on notes using (${mine}) with check (true)`],
  ['does not run', 'alter policy q on notes using (false)'],
  ['runs only once', `drop policy p on notes; create policy q on notes using (${mine})`],
])('refuses a fix that %s', async (_name, fix) => {
  await expect(judged(fix)).rejects.toThrow()
})

it('refuses to call a table proven that is not', async () => {
  await expect(expectProven(at, fixedBy(''))).rejects.toThrow()
})
