import { defineTenancy } from 'watertight/model'
import type { TenancyModel } from 'watertight/model'
import { ident, integer, literal, sql } from 'watertight/sql'
import type { Queryable, Sql } from 'watertight/sql'

/** How large a schema {@link createTypicalSchema} makes, and for whom. */
export interface TypicalSchemaOptions {
  readonly tables: number
  /** The role that requests run as; must not exist. */
  readonly role: string
}

/** Tables made by one statement: every table is locked until its transaction ends. */
const tablesPerStatement = 250

/**
 * Makes schema `app` with memberships, helper functions and `tables` tables in ten styles of policy:
 * plain settings, one policy per command, membership by EXISTS and by IN, helpers in SQL and
 * PL/pgSQL, restrictive guards, children without tenant column, views, partitions. `db` must not be
 * in a transaction.
 */
export async function createTypicalSchema(
  db: Queryable,
  { tables, role }: TypicalSchemaOptions,
): Promise<void> {
  await db.query(foundation(role).text)
  for (let first = 0; first < tables; first += tablesPerStatement) {
    const last = Math.min(first + tablesPerStatement, tables) - 1
    await db.query(createTables(first, last, role).text)
  }
}

/** The declaration that fits {@link createTypicalSchema}. */
export function typicalModel(role: string): TenancyModel {
  return defineTenancy({
    tenantKey: { column: 'tenant_id', type: 'uuid', table: 'app.tenants' },
    context: { kind: 'guc', tenant: 'app.tenant_id', user: 'app.user_id' },
    schemas: ['app'],
    roles: {
      app: role,
      owner: null,
      migrator: null,
      public: null,
      auditor: null,
      worker: null,
      platform: null,
    },
  })
}

function foundation(role: string): Sql {
  return sql`
    create role ${ident(role)} nologin;
    create schema app;
    grant usage on schema app to ${ident(role)};
    create function app.tenant() returns uuid language sql stable
      set search_path = pg_catalog, pg_temp
      return nullif(current_setting('app.tenant_id', true), '')::uuid;
    create function app.tenant_in_plpgsql() returns uuid language plpgsql stable
      set search_path = pg_catalog, pg_temp as
      $$begin return nullif(current_setting('app.tenant_id', true), '')::uuid; end$$;
    create table app.tenants (id uuid primary key, name text not null);
    alter table app.tenants enable row level security, force row level security;
    create policy own on app.tenants using (id = app.tenant());
    create table app.memberships (
      tenant_id uuid not null references app.tenants,
      user_id uuid not null,
      primary key (tenant_id, user_id));
    alter table app.memberships enable row level security, force row level security;
    create policy own on app.memberships for select using (tenant_id = app.tenant());
    grant select on app.tenants, app.memberships to ${ident(role)};`
}

/** Ten tables after each other have ten styles. */
function createTables(first: number, last: number, role: string): Sql {
  return sql`
    do $do$
    declare
      setting constant text := $$nullif(current_setting('app.tenant_id', true), '')::uuid$$;
      person constant text := $$nullif(current_setting('app.user_id', true), '')::uuid$$;
      own text;
      name text;
    begin
      for n in ${integer(first)} .. ${integer(last)} loop
        name := format('app.t_%s', n);
        if n % 10 = 7 then
          execute format(
            'create table %1$s (
              id bigint primary key, parent_id bigint not null references app.t_%2$s (id),
              note text, quantity int not null check (quantity >= 0))', name, n - 1);
        elsif n % 10 = 9 then
          execute format(
            'create table %1$s (
              tenant_id uuid not null, at date not null, amount numeric(12, 2) not null)
              partition by range (at);
             create table %1$s_old partition of %1$s for values from (minvalue) to (''2026-01-01'');
             create table %1$s_new partition of %1$s for values from (''2026-01-01'') to (maxvalue);
             alter table %1$s_old enable row level security, force row level security;
             alter table %1$s_new enable row level security, force row level security', name);
        else
          execute format(
            'create table %1$s (
              tenant_id uuid not null references app.tenants, id bigint primary key,
              label text not null default ''none'', state text check (state in (''open'', ''done'')),
              details jsonb, created_at timestamptz not null default now());
             create index on %1$s (tenant_id, label)', name);
        end if;
        execute format('alter table %s enable row level security, force row level security', name);
        execute format('grant select, insert, update, delete on %s to %I', name, ${literal(role)});

        own := format('tenant_id = %s', setting);
        if n % 10 in (0, 8, 9) then
          execute format('create policy own on %s using (%s)', name, own);
        elsif n % 10 = 1 then
          execute format('create policy reads on %1$s for select using (%2$s);
            create policy adds on %1$s for insert with check (%2$s);
            create policy edits on %1$s for update using (%2$s) with check (%2$s);
            create policy removes on %1$s for delete using (%2$s)', name, own);
        elsif n % 10 = 2 then
          execute format('create policy own on %1$s using (%2$s and exists (
            select 1 from app.memberships m
            where m.tenant_id = %1$s.tenant_id and m.user_id = %3$s))', name, own, person);
        elsif n % 10 = 3 then
          execute format('create policy own on %1$s using (%2$s and tenant_id in (
            select m.tenant_id from app.memberships m where m.user_id = %3$s))', name, own, person);
        elsif n % 10 = 4 then
          execute format('create policy own on %s using (tenant_id = (select app.tenant()))', name);
        elsif n % 10 = 5 then
          execute format('create policy own on %s
            using (tenant_id = (select app.tenant_in_plpgsql()))', name);
        elsif n % 10 = 6 then
          execute format('create policy any_row on %1$s using (true);
            create policy guard on %1$s as restrictive using (tenant_id = app.tenant())', name);
        else
          execute format('create policy own on %1$s using (exists (
            select 1 from app.t_%2$s p where p.id = parent_id and p.tenant_id = app.tenant()))',
            name, n - 1);
        end if;
        if n % 10 = 8 then
          execute format('create view app.v_%1$s with (security_invoker) as
            select id, label, created_at from app.t_%1$s where state = ''open'';
            grant select on app.v_%1$s to %2$I', n, ${literal(role)});
        end if;
      end loop;
    end
    $do$;`
}
