-- The login of the step that migrates: no superuser, and nothing sees past row level security. It owns
-- what it makes, and makes the roles that the platform runs as. Run by whoever owns the database:
--
--   psql "$ADMIN_URL" --set=role=platform_migrator --set=password="$MIGRATOR_PASSWORD" \
--     --file=deploy/postgres/migrator.sql
--
-- Running it again sets the password anew.

\set ON_ERROR_STOP on
set password_encryption = 'scram-sha-256';

select format('create role %I', :'role')
where not exists (select from pg_roles where rolname = :'role') \gexec

alter role :"role" login createrole password :'password';

-- It plans with temporary tables; nobody else has any.
select format('grant create, temporary on database %I to %I', current_database(), :'role') \gexec
select format('revoke temporary on database %I from public', current_database()) \gexec
grant usage, create on schema public to :"role";
