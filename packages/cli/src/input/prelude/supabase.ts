/**
 * What migrations for Supabase build on and never make themselves: roles, default privileges, the
 * schemas of its services and what their functions are documented to return. It is no Supabase:
 * only what tables, policies and functions refer to is there. New tables are granted with the four
 * commands that its API offers; TRUNCATE and the like, granted there too, no request can ask for.
 */
export const supabasePrelude: string = `
do $$
declare r text;
begin
  foreach r in array array['anon', 'authenticated'] loop
    if to_regrole(r) is null then execute format('create role %I nologin noinherit', r); end if;
  end loop;
  if to_regrole('service_role') is null then create role service_role nologin noinherit bypassrls; end if;
  if to_regrole('authenticator') is null then create role authenticator login noinherit; end if;
  foreach r in array array['supabase_admin', 'supabase_auth_admin', 'supabase_storage_admin', 'supabase_realtime_admin', 'supabase_functions_admin', 'supabase_read_only_user'] loop
    if to_regrole(r) is null then execute format('create role %I nologin noinherit', r); end if;
  end loop;
  if to_regrole('postgres') is null then create role postgres nologin createdb createrole bypassrls; end if;
end $$;
grant anon, authenticated, service_role to authenticator;

create schema if not exists extensions;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists "uuid-ossp" with schema extensions;
create extension if not exists pg_stat_statements with schema extensions;
grant usage on schema public, extensions to anon, authenticated, service_role;
alter default privileges in schema public grant select, insert, update, delete on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;

create type extensions.vector;
create function extensions.vector_in(cstring) returns extensions.vector language internal immutable strict as 'textin';
create function extensions.vector_out(extensions.vector) returns cstring language internal immutable strict as 'textout';
create function extensions.vector_typmod_in(cstring[]) returns integer language internal immutable strict as 'varchartypmodin';
create function extensions.vector_typmod_out(integer) returns cstring language internal immutable strict as 'varchartypmodout';
create type extensions.vector (input = extensions.vector_in, output = extensions.vector_out,
  typmod_in = extensions.vector_typmod_in, typmod_out = extensions.vector_typmod_out);
revoke execute on function extensions.vector_in, extensions.vector_out, extensions.vector_typmod_in, extensions.vector_typmod_out from public;

create schema auth authorization supabase_auth_admin;
grant usage on schema auth to anon, authenticated, service_role;
create type auth.aal_level as enum ('aal1', 'aal2', 'aal3');
create type auth.factor_type as enum ('totp', 'webauthn', 'phone');
create type auth.factor_status as enum ('unverified', 'verified');
create table auth.users (
  instance_id uuid, id uuid primary key, aud text, role text, email text, encrypted_password text,
  email_confirmed_at timestamptz, invited_at timestamptz, confirmation_token text, confirmation_sent_at timestamptz,
  recovery_token text, recovery_sent_at timestamptz, email_change_token_new text, email_change text,
  email_change_sent_at timestamptz, last_sign_in_at timestamptz, raw_app_meta_data jsonb, raw_user_meta_data jsonb,
  is_super_admin boolean, created_at timestamptz, updated_at timestamptz, phone text unique, phone_confirmed_at timestamptz,
  phone_change text default '', phone_change_token text default '', phone_change_sent_at timestamptz,
  confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
  email_change_token_current text default '', email_change_confirm_status smallint default 0, banned_until timestamptz,
  reauthentication_token text default '', reauthentication_sent_at timestamptz, is_sso_user boolean not null default false,
  deleted_at timestamptz, is_anonymous boolean not null default false);
create table auth.identities (
  provider_id text not null, user_id uuid not null references auth.users on delete cascade, identity_data jsonb not null,
  provider text not null, last_sign_in_at timestamptz, created_at timestamptz, updated_at timestamptz, email text,
  id uuid primary key default gen_random_uuid(), unique (provider_id, provider));
create table auth.sessions (
  id uuid primary key, user_id uuid not null references auth.users on delete cascade, created_at timestamptz,
  updated_at timestamptz, factor_id uuid, aal auth.aal_level, not_after timestamptz, refreshed_at timestamp,
  user_agent text, ip inet, tag text);
create table auth.refresh_tokens (
  id bigserial primary key, instance_id uuid, token text unique, user_id text, revoked boolean, created_at timestamptz,
  updated_at timestamptz, parent text, session_id uuid references auth.sessions on delete cascade);
create table auth.mfa_factors (
  id uuid primary key, user_id uuid not null references auth.users on delete cascade, friendly_name text,
  factor_type auth.factor_type not null, status auth.factor_status not null, created_at timestamptz not null,
  updated_at timestamptz not null, secret text, phone text, last_challenged_at timestamptz);
create table auth.audit_log_entries (
  id uuid primary key, instance_id uuid, payload json, created_at timestamptz, ip_address text not null default '');
do $$
declare r text;
begin
  foreach r in array array['users', 'identities', 'sessions', 'refresh_tokens', 'mfa_factors', 'audit_log_entries'] loop
    execute format('alter table auth.%I enable row level security', r);
    execute format('alter table auth.%I owner to supabase_auth_admin', r);
  end loop;
end $$;
create function auth.jwt() returns jsonb language sql stable as
  $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
create function auth.uid() returns uuid language sql stable as
  $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
create function auth.role() returns text language sql stable as
  $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role' $$;
create function auth.email() returns text language sql stable as
  $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email' $$;

create schema storage authorization supabase_storage_admin;
grant usage on schema storage to anon, authenticated, service_role;
create table storage.buckets (
  id text primary key, name text not null unique, owner uuid, created_at timestamptz default now(),
  updated_at timestamptz default now(), public boolean default false, avif_autodetection boolean default false,
  file_size_limit bigint, allowed_mime_types text[], owner_id text);
create table storage.objects (
  id uuid primary key default gen_random_uuid(), bucket_id text references storage.buckets, name text, owner uuid,
  created_at timestamptz default now(), updated_at timestamptz default now(), last_accessed_at timestamptz default now(),
  metadata jsonb, path_tokens text[] generated always as (string_to_array(name, '/')) stored, version text, owner_id text,
  user_metadata jsonb, unique (bucket_id, name));
alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;
grant select, insert, update, delete on storage.buckets, storage.objects to anon, authenticated, service_role;
alter table storage.buckets owner to supabase_storage_admin;
alter table storage.objects owner to supabase_storage_admin;
create function storage.foldername(name text) returns text[] language sql immutable as
  $$ select (string_to_array(name, '/'))[:array_length(string_to_array(name, '/'), 1) - 1] $$;
create function storage.filename(name text) returns text language sql immutable as
  $$ select (string_to_array(name, '/'))[array_length(string_to_array(name, '/'), 1)] $$;
create function storage.extension(name text) returns text language sql immutable as
  $$ select reverse(split_part(reverse(storage.filename(name)), '.', 1)) $$;

create schema realtime authorization supabase_admin;
grant usage on schema realtime to anon, authenticated, service_role;
create table realtime.messages (
  topic text not null, extension text not null, payload jsonb, event text, private boolean default false,
  updated_at timestamp not null default now(), inserted_at timestamp not null default now(),
  id uuid primary key default gen_random_uuid());
alter table realtime.messages enable row level security;
alter table realtime.messages owner to supabase_realtime_admin;
grant select, insert, update on realtime.messages to anon, authenticated, service_role;
create function realtime.topic() returns text language sql stable as
  $$ select nullif(current_setting('realtime.topic', true), '') $$;
create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
  language sql as $$ insert into realtime.messages (payload, event, topic, private, extension) values ($1, $2, $3, $4, 'broadcast') $$;
create publication supabase_realtime;

create schema vault authorization supabase_admin;
create table vault.secrets (
  id uuid primary key default gen_random_uuid(), name text unique, description text not null default '', secret text not null,
  key_id uuid, nonce bytea, created_at timestamptz not null default now(), updated_at timestamptz not null default now());
create view vault.decrypted_secrets as
  select id, name, description, secret, secret as decrypted_secret, key_id, nonce, created_at, updated_at from vault.secrets;
create function vault.create_secret(new_secret text, new_name text default null, new_description text default '', new_key_id uuid default null)
  returns uuid language sql as $$ insert into vault.secrets (secret, name, description, key_id) values ($1, $2, $3, $4) returning id $$;

create schema cron authorization supabase_admin;
create table cron.job (
  jobid bigserial primary key, schedule text not null, command text not null, nodename text default 'localhost', nodeport integer,
  database text default current_database(), username text default current_user, active boolean not null default true, jobname text);
create function cron.schedule(job_name text, schedule text, command text) returns bigint language sql as
  $$ insert into cron.job (jobname, schedule, command) values ($1, $2, $3) returning jobid $$;
create function cron.schedule(schedule text, command text) returns bigint language sql as
  $$ insert into cron.job (schedule, command) values ($1, $2) returning jobid $$;
create function cron.unschedule(job_name text) returns boolean language sql as
  $$ with gone as (delete from cron.job where jobname = $1 returning 1) select exists (select from gone) $$;
create function cron.unschedule(job_id bigint) returns boolean language sql as
  $$ with gone as (delete from cron.job where jobid = $1 returning 1) select exists (select from gone) $$;
revoke execute on all functions in schema vault, cron from public;

create schema net authorization supabase_admin;
grant usage on schema net to anon, authenticated, service_role;
create table net.http_request_queue (
  id bigserial primary key, method text not null, url text not null, headers jsonb, body jsonb, timeout_milliseconds integer);
create function net.http_post(url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds integer default 5000)
  returns bigint language sql security definer set search_path = '' as
  $$ insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds) values ('POST', $1, $4, $2, $5) returning id $$;
create function net.http_get(url text, params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds integer default 5000)
  returns bigint language sql security definer set search_path = '' as
  $$ insert into net.http_request_queue (method, url, headers, timeout_milliseconds) values ('GET', $1, $3, $4) returning id $$;
`
