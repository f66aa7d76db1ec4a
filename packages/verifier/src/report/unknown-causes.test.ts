import { expect, it } from 'vitest'
import { judgeScript } from '../../test/judge-script.js'
import { unknownCauses, unknownReasons } from './report-entries.js'

it('tells one cause once, however far the probes of each cell came, and one cell in full', async () => {
  const mine = `tenant_id = (select m.tenant_id from public.members m where m.person = current_setting('app.user', true))`
  const { coverage } = await judgeScript(
    `create table members (person text primary key, tenant_id text not null);
     create table notes (id int primary key, tenant_id text not null);
     alter table members enable row level security; alter table notes enable row level security;
     create policy own on members using (person = current_setting('app.user', true));
     create policy p on notes using (${mine});
     grant select, update on members to APP; grant select, insert, delete on notes to APP`,
    {
      tenantKey: { type: 'text' },
      context: {
        kind: 'membership',
        user: { guc: 'app.user' },
        via: { table: 'public.members', user: 'person', tenant: 'tenant_id' },
      },
      schemas: ['public'],
    },
  )
  const causes = unknownCauses(coverage)
  const reasons = unknownReasons(coverage)
  const shared = causes.filter(({ rows }) => rows.length > 1)
  expect(shared).not.toEqual([])
  for (const { reason } of shared) expect(reason).not.toMatch(/probes|for example/)
  expect(causes.length).toBeLessThan(reasons.length)
  for (const { reason, rows } of causes.filter((cause) => cause.rows.length === 1)) {
    expect(reason).toBe(rows[0]?.reason)
  }
  const cells = (all: typeof causes): number => all.reduce((sum, { rows }) => sum + rows.length, 0)
  expect(cells(causes)).toBe(cells(reasons))
})
