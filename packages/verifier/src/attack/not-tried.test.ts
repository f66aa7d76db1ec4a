import { afterAll, beforeAll, expect, it } from 'vitest'
import { caseDatabase } from '../../test/readme-cases.js'
import type { CaseDatabase } from '../../test/readme-cases.js'
import { check } from '../check/check.js'
import type { CheckResult } from '../findings/index.js'

let at: CaseDatabase

beforeAll(async () => {
  at =
    await caseDatabase(`create table notes (id int primary key, tenant_id text not null, body text);
    insert into notes values (1, 'a', 'x'), (2, 'b', 'y');
    alter table notes enable row level security;
    create policy own on notes using (tenant_id = current_setting('app.tenant_id', true));
    grant select, insert, update, delete, truncate on notes to app_user`)
})
afterAll(() => at.database.drop())

const checked = (attack: { mayBlock?: boolean; mostBlindRows?: number }): Promise<CheckResult> =>
  check(at.database.admin, {
    model: at.model,
    live: true,
    prove: false,
    attack,
    now: () => new Date(),
  })

const attackStage = ({ stages }: CheckResult): string =>
  stages.find(({ stage }) => stage === 'attack')?.reason ?? ''

it('does not lock whole tables without leave, and says so', async () => {
  const result = await checked({})
  expect(result.findings.map(({ rule }) => rule)).not.toContain('truncate')
  expect(attackStage(result)).toContain('truncate not tried on 1 table')
  expect(attackStage(result)).toContain('--live')
})

it('locks them where it may, and has nothing to say', async () => {
  const result = await checked({ mayBlock: true })
  expect(result.findings.map(({ rule }) => rule)).toContain('truncate')
  expect(attackStage(result)).toBe('')
})

it('names the writes without WHERE that a large table was spared', async () => {
  const reason = attackStage(await checked({ mayBlock: true, mostBlindRows: 1 }))
  expect(reason).toContain('blind-delete')
  expect(reason).toContain('too many rows to write without WHERE')
})
