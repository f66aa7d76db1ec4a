import type { Command, RuntimeRole } from 'watertight/model'
import type { ContextKind } from '../../../../test/generated-shop.js'

/** A generated layer with one of its guards taken away, and a property that then does not hold. */
export interface Weakening {
  readonly property: string
  readonly context: ContextKind
  readonly guard: string
  /** Statements; `{app}`, `{auditor}` … are roles. */
  readonly change: string
  readonly table: string
  readonly role: RuntimeRole
  readonly command: Command
}

/** Both the restrictive guard and the permissive policy: either alone still holds. */
function both(audience: string, command: string, table: string, condition: string): string {
  const clause = command === 'insert' ? 'with check' : 'using'
  return `alter policy watertight_${audience}_guard on ${table} ${clause} (${condition});
    alter policy watertight_${audience}_${command} on ${table} ${clause} (${condition})`
}

const at = (
  property: string,
  context: ContextKind,
  [table, role, command]: readonly [string, RuntimeRole, Command],
  guards: Readonly<Record<string, string>>,
): readonly Weakening[] =>
  Object.entries(guards).map(([guard, change]) => ({
    property,
    context,
    guard,
    change,
    table,
    role,
    command,
  }))

const mine = 'tenant_id = (select watertight.tenant_id())'

const plainTenant = `create or replace function watertight.tenant_id() returns uuid language sql stable
    as $$ select nullif(current_setting('app.mine', true), '')::uuid $$`

export const weakenings: readonly Weakening[] = [
  ...at('tenant-read', 'signed', ['shop.products', 'app', 'SELECT'], {
    'the tenant test': both('member', 'select', 'shop.products', 'true'),
    'the equality of the tenant test': both(
      'member',
      'select',
      'shop.products',
      'tenant_id is not null and (select watertight.tenant_id()) is not null',
    ),
    'the body of the function that verifies': plainTenant,
    'the secrecy of the signing keys': 'grant select on watertight.signing_keys to {app}',
    'the keys against additions': 'grant insert on watertight.signing_keys to {worker}',
    'the keys against a view': `create view public.keys as select * from watertight.signing_keys`,
    'the keys against a child table': `create table public.more () inherits (watertight.signing_keys)`,
    'that sessions forget keys': 'drop trigger watertight_forget_keys on watertight.signing_keys',
    'that they always do':
      'alter table watertight.signing_keys enable trigger watertight_forget_keys',
    'what sessions remember of keys': `create or replace function watertight.current_keys() returns jsonb
      language plpgsql volatile set search_path = pg_catalog, pg_temp as $$ begin return '{"mine": "00"}'::jsonb; end $$`,
    'the ownership of the function': 'alter function watertight.tenant_id() owner to {app}',
    'the closed schema': 'grant create on schema watertight to {app}',
    'SECURITY DEFINER of the function': 'alter function watertight.tenant_id() security invoker',
    'the search_path of the function': 'alter function watertight.tenant_id() reset search_path',
    'that the function is STABLE': 'alter function watertight.tenant_id() immutable',
    'that the name has one function': `create function watertight.tenant_id(n int default 0) returns uuid
      language sql stable as $$ select null::uuid $$`,
    'that no wrapper is IMMUTABLE': `create function shop.mine() returns uuid immutable language sql
      as $$ select watertight.tenant_id() $$;
      ${both('member', 'select', 'shop.products', 'tenant_id = shop.mine()')}`,
  }),
  ...at('tenant-read', 'signed', ['shop.order_lines', 'app', 'SELECT'], {
    'the tenant of the parent': both(
      'member',
      'select',
      'shop.order_lines',
      'exists (select from shop.orders)',
    ),
  }),
  ...at('tenant-read', 'signed', ['shop.users', 'app', 'SELECT'], {
    // With the policies of the memberships alone the tenant would still be the context's.
    'the tenant of the sharing membership': `${both('member', 'select', 'shop.memberships', 'true')};
      ${both(
        'member',
        'select',
        'shop.users',
        'exists (select from shop.memberships s where s.user_id = users.id)',
      )}`,
    'the user of the sharing membership': both(
      'member',
      'select',
      'shop.users',
      `exists (select from shop.memberships s where s.tenant_id = (select watertight.tenant_id()))`,
    ),
    'the user test': both(
      'member',
      'select',
      'shop.users',
      `(select watertight.mode()) = 'member'`,
    ),
  }),
  ...at('tenant-read', 'signed', ['shop.preferences', 'app', 'SELECT'], {
    'the user of an owned row': both('member', 'select', 'shop.preferences', mine),
    'the tenant of an owned row': both(
      'member',
      'select',
      'shop.preferences',
      'user_id = (select watertight.user_id())',
    ),
  }),
  ...at('tenant-read', 'signed', ['shop.products', 'platform', 'SELECT'], {
    'the grant of the platform': both(
      'platform',
      'select',
      'shop.products',
      `(select watertight.mode()) = 'platform'`,
    ),
    'the mode of the platform': both(
      'platform',
      'select',
      'shop.products',
      'tenant_id = (select watertight.auditor_tenant_id())',
    ),
  }),
  ...at('tenant-read', 'guc', ['shop.products', 'app', 'DELETE'], {
    'the tenant test': both('member', 'delete', 'shop.products', 'true'),
  }),
  ...at('tenant-read', 'jwt-claims', ['shop.products', 'app', 'SELECT'], {
    'the claim that names the tenant': both(
      'member',
      'select',
      'shop.products',
      `tenant_id = (current_setting('request.jwt.claims', true)::jsonb #>> '{user_metadata,tenant_id}')::uuid`,
    ),
  }),
  ...at('tenant-read', 'membership', ['shop.products', 'app', 'SELECT'], {
    'the user of the membership': `create or replace function watertight.tenant_ids() returns uuid[]
      language plpgsql stable security definer set search_path = pg_catalog, pg_temp
      as $$ begin return (select array_agg(tenant_id) from shop.memberships); end $$`,
    'the membership test': both('member', 'select', 'shop.products', 'true'),
  }),
  ...at('tenant-write', 'signed', ['shop.products', 'app', 'INSERT'], {
    'the tenant check': both('member', 'insert', 'shop.products', 'true'),
    'the tenant check of an owned product': both(
      'member',
      'insert',
      'shop.products',
      '(select watertight.tenant_id()) is not null',
    ),
  }),
  ...at('tenant-write', 'signed', ['shop.products', 'platform', 'INSERT'], {
    'the right to write of a grant': both(
      'platform',
      'insert',
      'shop.products',
      'tenant_id = (select watertight.platform_tenant_id())',
    ),
  }),
  ...at('row-hop', 'signed', ['shop.products', 'app', 'UPDATE'], {
    'the check of the new row': `alter policy watertight_member_guard on shop.products with check (true);
      alter policy watertight_member_update on shop.products with check (true)`,
    'the test of the old row': both('member', 'update', 'shop.products', 'true'),
  }),
  ...at('row-hop', 'membership', ['shop.products', 'app', 'UPDATE'], {
    'the check of the new row': `alter policy watertight_member_guard on shop.products with check (true);
      alter policy watertight_member_update on shop.products with check (true)`,
  }),
  ...(['signed', 'guc'] as const).flatMap((context) => [
    ...at('org-read', context, ['shop.orders', 'app', 'SELECT'], {
      'the org unit test': both('member', 'select', 'shop.orders', mine),
      'the org unit as a second permissive policy': `create policy more on shop.orders to {app}
        using (tenant_id = (select watertight.tenant_id()));
        drop policy watertight_member_guard on shop.orders`,
    }),
    ...at('org-read', context, ['shop.order_lines', 'worker', 'DELETE'], {
      'the org unit of the parent': `${both('member', 'select', 'shop.orders', mine)};
        ${both(
          'member',
          'delete',
          'shop.order_lines',
          `exists (select from shop.orders o where o.id = order_id and o.${mine})`,
        )}`,
    }),
    ...at('org-write', context, ['shop.orders', 'app', 'INSERT'], {
      'the org unit check': both('member', 'insert', 'shop.orders', mine),
    }),
    ...at('org-write', context, ['shop.orders', 'app', 'UPDATE'], {
      'the org unit check of the new row': `alter policy watertight_member_guard on shop.orders
          with check (tenant_id = (select watertight.tenant_id()));
        alter policy watertight_member_update on shop.orders
          with check (tenant_id = (select watertight.tenant_id()))`,
    }),
  ]),
  ...(['signed', 'guc'] as const).flatMap((context) => [
    ...at('public-projection', context, ['shop.products', 'public', 'SELECT'], {
      'the published condition': both(
        'public',
        'select',
        'shop.products',
        context === 'signed' ? `(select watertight.mode()) = 'public'` : 'true',
      ),
      'the published columns': 'grant select (cost) on shop.products to {public}',
    }),
    ...at('public-projection', context, ['shop.reviews', 'public', 'SELECT'], {
      'the parent that is published': both(
        'public',
        'select',
        'shop.reviews',
        context === 'signed' ? `(select watertight.mode()) = 'public'` : 'true',
      ),
    }),
    ...at('public-projection', context, ['shop.products', 'public', 'UPDATE'], {
      'that the public changes nothing': `grant update on shop.products to {public};
        create policy more on shop.products for update to {public} using (status = 'published')`,
    }),
    ...at('public-projection', context, ['shop.tenants', 'public', 'SELECT'], {
      'that a table is not public': `grant select on shop.tenants to {public};
        create policy more on shop.tenants for select to {public} using (name <> '')`,
    }),
  ]),
  ...at('tenant-read', 'signed', ['shop.products', 'app', 'SELECT'], {
    'that members read no foreign public row': both(
      'member',
      'select',
      'shop.products',
      `tenant_id = (select watertight.tenant_id()) or status = 'published' and deleted_at is null`,
    ),
  }),
  ...at('auditor', 'signed', ['shop.products', 'auditor', 'SELECT'], {
    'the live grant': both(
      'auditor',
      'select',
      'shop.products',
      `(select watertight.mode()) = 'auditor'`,
    ),
    'the mode': both(
      'auditor',
      'select',
      'shop.products',
      'tenant_id = (select watertight.platform_tenant_id())',
    ),
    'the redacted column': 'grant select (cost) on shop.products to {auditor}',
    'the body of the function that looks up the grant': `create or replace function watertight.auditor_tenant_id()
      returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp
      as $$ select (select tenant_id from shop.access_grants limit 1) $$`,
  }),
  ...at('auditor', 'signed', ['shop.products', 'auditor', 'UPDATE'], {
    'that auditors change nothing': `grant update on shop.products to {auditor};
      create policy more on shop.products for update to {auditor}
        using (tenant_id = (select watertight.auditor_tenant_id()))`,
  }),
  ...at('auditor', 'signed', ['shop.memberships', 'auditor', 'SELECT'], {
    'that a table is not open to auditors': `grant select on shop.memberships to {auditor};
      create policy more on shop.memberships for select to {auditor}
        using (tenant_id = (select watertight.auditor_tenant_id()))`,
  }),
  ...at('auditor', 'guc', ['shop.products', 'auditor', 'SELECT'], {
    'the tenant test': both('auditor', 'select', 'shop.products', 'true'),
  }),
  ...at('no-context', 'signed', ['shop.products', 'app', 'SELECT'], {
    'that no context is nobody': both(
      'member',
      'select',
      'shop.products',
      'tenant_id = (select watertight.tenant_id()) or (select watertight.mode()) is null',
    ),
  }),
  ...at('no-context', 'guc', ['shop.products', 'app', 'SELECT'], {
    'that a context that was never set is nobody': both(
      'member',
      'select',
      'shop.products',
      `tenant_id = (select watertight.tenant_id()) or current_setting('app.tenant_id', true) is null`,
    ),
    'that what a context leaves behind is nobody': both(
      'member',
      'select',
      'shop.products',
      `tenant_id = (select watertight.tenant_id()) or current_setting('app.tenant_id', true) = ''`,
    ),
  }),
  ...at('no-context', 'guc', ['shop.products', 'app', 'INSERT'], {
    'that nobody writes': both(
      'member',
      'insert',
      'shop.products',
      '(tenant_id = (select watertight.tenant_id())) is not false',
    ),
  }),
  ...at('no-context', 'jwt-claims', ['shop.products', 'app', 'DELETE'], {
    'that nobody deletes': both(
      'member',
      'delete',
      'shop.products',
      'tenant_id = coalesce((select watertight.tenant_id()), tenant_id)',
    ),
  }),
  ...at('no-context', 'membership', ['shop.products', 'app', 'SELECT'], {
    'that nobody is a member': both(
      'member',
      'select',
      'shop.products',
      'tenant_id = any ((select watertight.tenant_ids())::uuid[]) or (select watertight.user_id()) is null',
    ),
  }),
]
