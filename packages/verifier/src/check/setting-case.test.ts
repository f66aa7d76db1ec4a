import type { TenancyInput } from 'watertight/model'
import { expect, it } from 'vitest'
import { judgeScript } from '../../test/judge-script.js'

const notes = (setting: string): string => `
grant usage on schema public to APP;
create table public.notes (id integer primary key, tenant_id bigint not null, body text);
alter table public.notes enable row level security; alter table public.notes force row level security;
create policy own on public.notes to APP
  using (tenant_id = nullif(current_setting('${setting}', true), '')::bigint);
create function public.enter(t bigint) returns text language sql as $$
  select set_config('${setting}', t::text, false) $$;
grant select, insert, update, delete on public.notes to APP;`

const model = (tenant: string): TenancyInput => ({
  tenantKey: { column: 'tenant_id', type: 'bigint' },
  context: { kind: 'guc', tenant },
  schemas: ['public'],
})

it.each([
  ['App.tenantId', 'app.tenantid'],
  ['app.tenantid', 'App.TenantId'],
])('the setting %s of policies is the context %s that the model declares', async (read, said) => {
  const result = await judgeScript(notes(read), model(said))
  expect(result.coverage.map(({ verdict }) => verdict)).toEqual(Array(4).fill('proven'))
  expect(result.findings.map(({ rule }) => rule)).toContain('session-level-context')
})

it('finds a policy that fails open, however its setting is written', async () => {
  const open = `${notes('App.tenantId')}
    alter policy own on public.notes
      using (tenant_id = coalesce(nullif(current_setting('App.tenantId', true), '')::bigint, tenant_id));`
  const result = await judgeScript(open, model('app.tenantid'))
  expect(result.findings.map(({ rule }) => rule)).toContain('policy-fails-open')
})

it('tells a setting of another name from the context', async () => {
  const bypassed = `${notes('App.tenantId')}
    create policy bypass on public.notes to APP using (current_setting('App.Bypass', true) = 'on');`
  const result = await judgeScript(bypassed, model('app.tenantid'))
  expect(result.findings.map(({ rule }) => rule)).toContain('forged-setting-select')
})
