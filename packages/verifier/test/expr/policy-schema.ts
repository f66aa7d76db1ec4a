/** Tables and functions that the expressions of {@link serverPolicies} are about. */
export const policySchema = `
  create schema auth;
  create schema app;
  create function auth.uid() returns uuid language sql stable as
    $$ select nullif(current_setting('request.jwt.claims', true)::json ->> 'sub', '')::uuid $$;
  create function auth.jwt() returns jsonb language sql stable as
    $$ select coalesce(current_setting('request.jwt.claims', true), '{}')::jsonb $$;
  create function app.is_member(tenant uuid, variadic roles text[] default '{}')
    returns boolean language sql stable as $$ select true $$;
  create function app.tenants() returns setof uuid language sql stable as $$ select auth.uid() $$;
  create function app.owns(tenant uuid, strict boolean default false) returns boolean
    language sql stable as $$ select strict $$;
  create type app.place as (city text, codes integer[]);
  create type app."My Kind" as enum ('a', 'b');
  create domain app.code as varchar(5);
  create table app.members (user_id uuid, tenant_id uuid, role text, revoked boolean default false);
  create table app.units (id uuid primary key, parent uuid, tenant_id uuid);
  create table app.orders (
    id uuid primary key, tenant_id uuid, org_id uuid, status varchar(20), fixed char(4), name text,
    amount numeric(10, 2), n integer, big bigint, flag boolean, at timestamptz, day date, tags text[],
    grid integer[], ids uuid[], doc jsonb, place app.place, kind app."My Kind", code app.code,
    "Tenant Id" text, "a""b" text, "ünï-日本" text, "select" text, "user" text
  );
  create view app.seed as select 1 as one;`

/** Policies as people write them, each of which PostgreSQL accepts for app.orders. */
export const serverPolicies: readonly string[] = [
  'auth.uid() = id',
  '(select auth.uid()) = id',
  "(auth.jwt() ->> 'tenant_id')::uuid = tenant_id",
  "auth.jwt() -> 'app_metadata' ->> 'role' in ('admin', 'owner')",
  "(auth.jwt() -> 'tenants') ? tenant_id::text",
  "auth.jwt() #>> '{app_metadata,tenant}' = tenant_id::text",
  "tenant_id = current_setting('app.tenant')::uuid",
  "tenant_id = nullif(current_setting('app.tenant', true), '')::uuid",
  "tenant_id::text = current_setting('app.tenant', true) or current_setting('app.bypass', true) = 'on'",
  "tenant_id = any (string_to_array(current_setting('app.tenants', true), ',')::uuid[])",
  "coalesce(current_setting('app.tenant', true), tenant_id::text) = tenant_id::text",
  "(tenant_id <> current_setting('app.tenant', true)::uuid) is not true",
  "tenant_id is not distinct from nullif(current_setting('app.tenant', true), '')::uuid",
  'exists (select 1 from app.members m where m.user_id = auth.uid() and m.tenant_id = orders.tenant_id)',
  'exists (select 1 from app.members m where m.user_id = auth.uid() and m.tenant_id = tenant_id)',
  'tenant_id in (select tenant_id from app.members where user_id = auth.uid() and not revoked)',
  'tenant_id not in (select m.tenant_id from app.members m where m.revoked is true)',
  '(tenant_id, org_id) in (select u.tenant_id, u.id from app.units u join app.members m using (tenant_id))',
  'tenant_id = any (array(select app.tenants()))',
  'tenant_id <> all (select tenant_id from app.members)',
  'tenant_id = any (select t from app.tenants() as t)',
  'exists (with recursive up as (select u.id, u.parent from app.units u where u.id = org_id union all select p.id, p.parent from app.units p join up on up.parent = p.id) select from up where up.id = auth.uid())',
  'exists (select from app.members m left join lateral (select m.role as r limit 1) s on true where s.r like $$a%$$)',
  '(select count(*) filter (where not m.revoked) from app.members m where m.tenant_id = orders.tenant_id) > 0',
  "(select string_agg(distinct m.role, ',' order by m.role) from app.members m) = 'x'",
  'exists (select m.tenant_id, max(m.role) from app.members m group by m.tenant_id having count(*) > 1)',
  'exists (select from unnest(ids) with ordinality as x(v, i) where x.v = tenant_id and x.i < 3)',
  'exists (select from jsonb_to_recordset(doc) as r(id uuid, "Role" varchar(3)) where r.id = orders.id)',
  'exists (select 1 union select 2 except (select 3 limit 1 offset 1) order by 1)',
  'n in (values (1), (2))',
  'app.is_member(tenant_id)',
  "app.is_member(tenant_id, 'a', 'b')",
  'app.is_member(tenant_id, variadic tags)',
  'app.owns(strict => true, tenant => tenant_id)',
  'flag and (n > 1 or n < -1) and not (flag or not flag)',
  'flag and (flag and (flag or flag))',
  'flag is true and flag is not false and flag is unknown and name is not null',
  'n between 1 and 2 or n not between symmetric 4 and 3',
  "name like 'a\\_%' and name not like 'b!%' escape '!' and name ilike 'C%' and name not similar to 'd' escape '!'",
  "name ~* '^a' and name !~ 'b' and name ^@ 'x'",
  "status in ('a', 'b') and status <> all (array['c']) and fixed = 'x'",
  'row(tenant_id, n) = row(org_id, 1) and (n, big) < (1, 2) and row(n, name) is not null',
  "status::varchar(3) = 'abc' and fixed::char(2) = 'x' and amount::numeric(4, 1) > -1.5 and n::bigint = big",
  'n + - n * 2 ^ 2 - (-3) % 2 = 1 and |/ amount > 1e3 and @ n < 12345678901',
  "at > now() - interval '1 day' and day = '2020-01-01' and at at time zone 'UTC' > timestamp '2020-01-01'",
  'at > current_timestamp(3) and day <= current_date and at::time > localtime(0)',
  "extract(year from at) = 2020 and position('a' in name) = 0 and substring(name from 1 for 2) = ''",
  "trim(both 'x' from name) = ltrim(name) and overlay(name placing 'a' from 1) <> '' and name is nfc normalized",
  "normalize(name, nfd) = name and (day, day) overlaps (day, day + 1) and collation for (name) = 'x'",
  "current_user = name and session_user <> current_role and current_schema = 'x' and current_catalog is not null",
  'grid[1] = 1 and grid[1:2][1:1] is not null and (grid[:])[1] > 0 and grid[2:] = grid[:3]',
  "(place).city = 'x' and (place).codes[1] = 2 and doc['a']['b'] = '1'",
  'case when flag then n else 0 end = case n when 1 then 2 when 3 then 4 end',
  'greatest(n, 1) > least(n, 2, 3) and nullif(n, 0) is not null',
  "tags @> array[name] and tags && '{a,b}'::text[] and array[[n, 1], [2, 3]] = grid",
  "kind = 'a' and kind::text::app.\"My Kind\" = 'b' and code = 'x' and code::app.code = 'y'",
  'name collate "C" < status and (name || code) collate pg_catalog."POSIX" = code',
  "n operator(pg_catalog.=) 3 and n = any ('{1,2}')",
  '"Tenant Id" = \'x\' and "a""b" = "ünï-日本" and "select" = "user" and "user" = user',
  "name = '日本 '' \" \\ ; -- /* $$' and name <> e'a\\nb\\\\'",
  'true',
  '(false)',
  'null',
  "true is not true or 'f'::boolean",
  "orders is not null and to_jsonb(orders.*) ? 'x'",
  'tableoid = 1 and xmin is not null',
  "(doc -> 'a' ->> 0)::int = n and doc @> '{\"a\": [1]}' and doc @? '$.x' and not doc ?| array['a']",
]
