import { expect, it } from 'vitest'
import { describeRule } from '../../../../test/describe-rule.js'
import { caseDatabase } from '../../../../test/readme-cases.js'
import { viewWithoutBarrier } from './index.js'

describeRule(viewWithoutBarrier, import.meta.url, { severity: 'error', fixable: true })

it('is shown by a cheap function that fails with what it is given, which the fix stops', async () => {
  const at = await caseDatabase(`create table notes (tenant_id text not null, body text);
    insert into notes values ('b', 'secret of b');
    create view mine as select body from notes where tenant_id = current_setting('app.tenant_id', true);
    grant select on mine to app_user`)
  try {
    const app = await at.database.connect(at.role('app_user'))
    await app.query(`set app.tenant_id = 'a'`)
    await app.query(`create function pg_temp.tell(text) returns boolean language plpgsql cost 0.0001 as
      $$ begin raise exception 'seen %', $1; end $$`)
    const probe = (): Promise<unknown> => app.query('select from mine where pg_temp.tell(body)')
    await expect(probe()).rejects.toThrow('secret of b')
    await at.database.admin.query('alter view mine set (security_barrier = true)')
    await expect(probe()).resolves.toBeDefined()
  } finally {
    await at.database.drop()
  }
})
