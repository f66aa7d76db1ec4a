/**
 * What migrations for Neon's Data API build on: its roles and the functions of `pg_session_jwt`,
 * which read the claims that its proxy has verified.
 */
export const neonPrelude: string = `
do $$
begin
  if to_regrole('authenticated') is null then create role authenticated nologin; end if;
  if to_regrole('anonymous') is null then create role anonymous nologin; end if;
  if to_regrole('authenticator') is null then create role authenticator login noinherit; end if;
  if to_regrole('neondb_owner') is null then create role neondb_owner nologin; end if;
end $$;
grant anonymous, authenticated to authenticator;
create schema auth;
grant usage on schema auth to anonymous, authenticated;
create function auth.session() returns jsonb language sql stable as
  $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
create function auth.user_id() returns text language sql stable as
  $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub' $$;
create function auth.uid() returns uuid language sql stable as
  $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
`
