import type pg from 'pg'
import { ident, joinSql, sql } from 'watertight/sql'
import type { TestDatabase } from './database.js'
import { createTestDatabase } from './database.js'

/*
 * A hand-written isolation layer: the smallest that verifies signed contexts and isolates one
 * table. Tests of the runtime use it so that they do not depend on the generated layer.
 */
const kernel = `
create schema watertight;
create table watertight.signing_keys (
  kid text primary key, inner_key bytea not null, outer_key bytea not null,
  created_at timestamptz not null default now(), not_after timestamptz
);

create function watertight.tenant_id() returns text
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare
  token text := nullif(current_setting('watertight.context', true), '');
  parts text[] := regexp_match(token, '^([0-9a-f]{64})\\.(([A-Za-z0-9_-]{1,32})\\.v2-(\\w+)\\.(\\d+)\\.([^.]*)\\..*)$');
  key watertight.signing_keys;
begin
  if parts is null then return null; end if;
  select * into key from watertight.signing_keys k
    where k.kid = parts[3] and (k.not_after is null or k.not_after > now());
  if not found then return null; end if;
  if sha256(key.outer_key || sha256(key.inner_key || convert_to(parts[2], 'UTF8')))
    is distinct from decode(parts[1], 'hex') then return null; end if;
  if to_timestamp(parts[5]::float8) <= now() or parts[4] not in ('member', 'worker') then return null; end if;
  return convert_from(decode(nullif(parts[6], ''), 'escape'), 'UTF8');
end $$;

create schema app;
create table app.notes (
  id bigint generated always as identity primary key,
  tenant_id text not null default watertight.tenant_id(),
  body text not null,
  slug text unique
);
alter table app.notes enable row level security;
alter table app.notes force row level security;
create policy notes_tenant on app.notes
  using (tenant_id = (select watertight.tenant_id()))
  with check (tenant_id = (select watertight.tenant_id()));
`

export interface KernelDatabase extends TestDatabase {
  /** A role that has what a runtime role needs and no more. */
  readonly appRole: string
}

/** A fresh database with the minimal isolation layer, one table `app.notes` and an app role. */
export async function createKernelDatabase(
  keys: readonly { kid: string; inner: Buffer; outer: Buffer }[],
): Promise<KernelDatabase> {
  const build = async (admin: pg.Client): Promise<void> => {
    await admin.query(kernel)
  }
  const database = await createTestDatabase({ template: { key: 'minimal-kernel', build } })
  const appRole = `${database.rolePrefix}_app`
  const app = ident(appRole)
  const statements = [
    sql`create role ${app} login`,
    sql`grant usage on schema app, watertight to ${app}`,
    sql`grant select, insert, update, delete on app.notes to ${app}`,
  ]
  await database.admin.query(joinSql(statements, '; ').text)
  for (const { kid, inner, outer } of keys) {
    await database.admin.query(
      'insert into watertight.signing_keys (kid, inner_key, outer_key) values ($1, $2, $3)',
      [kid, inner, outer],
    )
  }
  return { ...database, appRole }
}
