import { expect, it } from 'vitest'
import { attackSql } from '../../../../test/describe-attack.js'
import { functionCall } from './index.js'

const notes = `create table notes (id int primary key, tenant_id text not null, body text);
  insert into notes values (1, 'a', 'first of a'), (2, 'b', 'first of b');
  alter table notes enable row level security; grant select on notes to app_user;`
const guarded = (check: string): string => `${notes}
  create function notes_of(p_tenant text) returns setof notes language plpgsql security definer as $$
    begin
      if ${check} then raise exception 'not yours'; end if;
      return query select * from public.notes where tenant_id = p_tenant;
    end $$`
const byContext = async (text: string): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    (await attackSql(functionCall, text))
      .filter(({ roleKind }) => roleKind === 'app')
      .map(({ attack, outcome }) => [attack.context, outcome.kind]),
  )

it('finds a check that NULL slips through where no context was ever set', async () => {
  const slips = guarded(`p_tenant <> current_setting('app.tenant_id', true)`)
  expect(await byContext(slips)).toEqual({ none: 'leak', own: 'inconclusive' })
})

it('is refused by a check that NULL does not pass', async () => {
  const holds = guarded(`p_tenant is distinct from current_setting('app.tenant_id', true)`)
  expect(await byContext(holds)).toEqual({ own: 'inconclusive' })
})

it('finds what a function shows by a policy that is for its owner alone', async () => {
  const owned = (condition: string): string => `${notes}
    alter table notes force row level security; grant select on notes to app_support;
    create policy support on notes for select to app_support using (${condition});
    create function bodies() returns setof text language sql security definer as 'select body from public.notes';
    alter function bodies() owner to app_support`
  expect(await byContext(owned('true'))).toMatchObject({ own: 'leak' })
  const bound = owned(`tenant_id = current_setting('app.tenant_id', true)`)
  expect(await byContext(bound)).toMatchObject({ own: 'held' })
})
