import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ids, openAttackedShop, ownersQuery } from '../../../../../test/attacked-shop.js'
import type { AttackedRole, AttackedShop } from '../../../../../test/attacked-shop.js'
import { serverMajors } from '../../../../../test/database.js'

const roles: readonly AttackedRole[] = ['app', 'worker', 'auditor', 'platform', 'public']

/** Ways to become somebody, or something, else; OTHER is a role and OWNER the kernel's. */
const escapes: readonly string[] = [
  'set role OWNER',
  'set local role OWNER',
  'set role OTHER',
  'set role postgres',
  'set role pg_read_all_data',
  'set session authorization OWNER',
  'set session authorization postgres',
  `set session_authorization = 'postgres'`,
  `select set_config('role', 'OWNER', false)`,
  `select set_config('session_authorization', 'postgres', false)`,
  `do $$ begin execute 'set role OWNER'; end $$`,
  'prepare escape as select 1; set role OWNER',
  `create function pg_temp.escape() returns text language sql set role = 'OWNER' as 'select current_user::text'; select pg_temp.escape()`,
  `create function pg_temp.escape() returns void language plpgsql security definer as $$ begin execute 'set role OWNER'; end $$; select pg_temp.escape()`,
  'create function pg_temp.escape() returns int language sql as $$ select 1 $$; alter function pg_temp.escape() owner to OWNER',
  'grant OWNER to SELF',
  'grant pg_read_all_data to SELF',
  'grant postgres to SELF',
  'grant SELF to OTHER',
  'alter role SELF superuser',
  'alter role SELF bypassrls',
  'alter role SELF createrole',
  'alter role SELF replication',
  'alter role SELF connection limit 5',
  'alter role OTHER set search_path = pg_temp',
  `alter role all set search_path = pg_temp`,
  `alter role SELF set session_replication_role = replica`,
  'create role someone',
  'create user someone superuser',
  'drop role OTHER',
  'reassign owned by OWNER to SELF',
  'drop owned by OWNER',
  'set session_replication_role = replica',
  `alter system set session_replication_role = replica`,
  `alter database DATABASE set session_replication_role = replica`,
  `alter database DATABASE set "watertight.context" = 'x'`,
  'create schema mine',
  'create schema authorization OWNER',
  'create table shop.mine ()',
  'create table public.mine ()',
  'create function shop.mine() returns int language sql as $$ select 1 $$',
  'create function public.mine() returns int language sql as $$ select 1 $$',
  'create type shop.mine as enum ()',
  'create view shop.mine as select 1',
  'create operator public.=== (leftarg = uuid, rightarg = uuid, function = uuid_eq)',
  'alter schema shop owner to SELF',
  'alter schema watertight rename to x',
  'drop schema watertight cascade',
  'alter table shop.products disable row level security',
  'alter table shop.products no force row level security',
  'alter table shop.products owner to SELF',
  'alter table shop.products add column mine int',
  'alter table shop.products disable trigger all',
  'create policy mine on shop.products using (true)',
  'alter policy watertight_member_guard on shop.products using (true)',
  'drop policy watertight_member_guard on shop.products',
  'create rule mine as on select to shop.products do instead select 1',
  'create rule mine as on insert to shop.products do also notify mine',
  'create trigger mine before insert on shop.products execute function suppress_redundant_updates_trigger()',
  'create event trigger mine on ddl_command_start execute function suppress_redundant_updates_trigger()',
  'create index on shop.products (title)',
  'create statistics pg_temp.mine on sku, title from shop.products',
  'cluster shop.products using products_pkey',
  'comment on table shop.products is null',
  'truncate shop.products',
  'truncate shop.events',
  'truncate shop.events_2026',
  'create table public.mine (id uuid references shop.products)',
  'alter default privileges for role OWNER grant select on tables to SELF',
  'set row_security = off; select count(*) from shop.orders, shop.products',
  'create publication mine for table shop.products',
  'create publication mine for all tables',
  'create foreign data wrapper mine',
  'create language mine handler plpgsql_call_handler',
  'create cast (text as uuid) with inout as implicit',
  `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres' and pid <> pg_backend_pid()`,
  'select pg_reload_conf()',
  'checkpoint',
  'select pg_create_physical_replication_slot($$mine$$)',
  'select pg_switch_wal()',
  `copy (select 1) to program 'id'`,
  `copy (select 1) to '/tmp/mine'`,
  'select lo_export(1, $$/tmp/mine$$)',
  'select pg_ls_dir($$.$$)',
  `select pg_rotate_logfile()`,
  'select * from shop.events_2026',
  'select * from shop.events_rest',
  'insert into shop.events_rest (tenant_id) values (null)',
]

const quoted = (name: string): string => `"${name}"`

describe.each(serverMajors)('on PostgreSQL %i', (major) => {
  let shop: AttackedShop
  beforeAll(async () => {
    shop = await openAttackedShop(major)
  })
  afterAll(() => shop.drop())

  const spelled = (statement: string, mode: AttackedRole): string =>
    statement
      .replaceAll('SELF', quoted(shop.roleOf(mode)))
      .replaceAll('OTHER', quoted(shop.roleOf(mode === 'app' ? 'worker' : 'app')))
      .replaceAll(`'OWNER'`, `'${shop.ownerRole}'`)
      .replaceAll('OWNER', quoted(shop.ownerRole))
      .replaceAll('DATABASE', quoted(shop.name))

  async function attempt(client: pg.Client, statement: string): Promise<string> {
    const outcome = await client.query(statement).then(
      () => 'ran',
      (error: pg.DatabaseError) => error.code ?? error.message,
    )
    await client.query('rollback')
    return outcome
  }

  it.each(roles)('the %s role can become nobody else and change nothing', async (mode) => {
    const client = await shop.as(mode)
    const self = shop.roleOf(mode)
    const outcomes: Record<string, string> = {}
    for (const statement of escapes) {
      const outcome = await attempt(client, spelled(statement, mode))
      const { rows } = await client.query('select current_user as role, session_user as login')
      expect({ statement, rows }).toEqual({ statement, rows: [{ role: self, login: self }] })
      await client.query('discard all')
      // A type, a foreign server or a name that is not there says so before it asks for rights.
      if (!['42501', '0LP01', '42939', '22023'].includes(outcome)) outcomes[statement] = outcome
    }
    expect(outcomes).toEqual({})
  })

  it('handing on its privileges has no effect, and neither has a role set for the next login', async () => {
    const acls = `select array(select relacl::text from pg_class order by oid) as relations,
      array(select nspacl::text from pg_namespace order by oid) as schemas,
      array(select proacl::text from pg_proc order by oid) as functions`
    const before = await shop.admin.query(acls)
    for (const mode of roles) {
      const client = await shop.as(mode)
      for (const statement of [
        'grant select on shop.products to public',
        'grant usage on schema shop to public',
        'grant execute on function watertight.tenant_id() to public',
        'alter role SELF in database DATABASE set role = OWNER',
        'alter role SELF in database DATABASE set session_authorization = OWNER',
      ]) {
        await attempt(client, spelled(statement, mode))
      }
      const { rows } = await (
        await shop.as(mode)
      ).query('select current_user as role, session_user as login')
      expect(rows).toEqual([{ role: shop.roleOf(mode), login: shop.roleOf(mode) }])
    }
    expect((await shop.admin.query(acls)).rows).toEqual(before.rows)
  })

  it.each([
    'reset role',
    'reset session authorization',
    'set role none',
    'set session authorization default',
    'reset all',
    'discard all',
  ])('%s leads back to the login role, never past it', async (statement) => {
    const client = await shop.as('app')
    await client.query(statement)
    const { rows } = await client.query('select current_user as role, session_user as login')
    expect(rows).toEqual([{ role: shop.roleOf('app'), login: shop.roleOf('app') }])
    expect((await client.query(ownersQuery(await shop.readableBy('app')))).rows).toEqual([])
  })

  it('functions that look into rows from a condition see those of the tenant alone', async () => {
    const client = await shop.as('app')
    const seen: string[] = []
    client.on('notice', ({ message }) => seen.push(message ?? ''))
    await client.query(`create function pg_temp.spy(text) returns boolean cost 0.0000001 language plpgsql as
      $$ begin raise notice '%', $1; return true; end $$`)
    await client.query('begin')
    await client.query('select set_config($1, $2, true)', ['watertight.context', shop.token('app')])
    await client.query(
      'select from shop.products where pg_temp.spy(title) and pg_temp.spy(tenant_id::text)',
    )
    await client.query('update shop.products set title = title where pg_temp.spy(title)')
    await client.query('select from shop.order_lines l where pg_temp.spy(id::text)')
    await client.query('rollback')
    expect(new Set(seen)).toEqual(new Set(['anvil', 'rocket', ids.acme, '1', '2']))
  })

  it('reads by COPY, TABLE, cursor, view, function and prepared statement see one tenant', async () => {
    const client = await shop.as('app')
    await client.query('begin')
    await client.query('select set_config($1, $2, true)', ['watertight.context', shop.token('app')])
    await client.query('create temp view mine as select title from shop.products')
    await client.query('create temp table copied as table mine')
    await client.query(
      `create function pg_temp.titles() returns setof text language sql as 'select title from shop.products'`,
    )
    await client.query(
      `create function pg_temp.own() returns setof text language sql security definer as 'select title from shop.products'`,
    )
    await client.query('prepare titles as select title from shop.products')
    await client.query('declare titles cursor with hold for select title from shop.products')
    for (const read of [
      'table mine',
      'table copied',
      'select pg_temp.titles() as title',
      'select pg_temp.own() as title',
      'execute titles',
      'fetch all from titles',
    ]) {
      const { rows } = await client.query<{ title: string }>(read)
      expect([read, ...rows.map(({ title }) => title).sort()]).toEqual([read, 'anvil', 'rocket'])
    }
    await client.query('rollback')
  })
})
