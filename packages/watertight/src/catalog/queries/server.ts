import type { Sql } from '../../sql/index.js'
import { sql } from '../../sql/index.js'
import type { DocumentQuery } from '../documents.js'
import type { ServerInfo } from '../snapshot.js'

/** A server's identity as read before anything of its version is relied on. */
export interface RawIdentity {
  readonly banner: string
  readonly version: string
  readonly version_num: string
  /** Whether the role may call `pg_control_system()`. */
  readonly may_identify: boolean
}

/**
 * Names the server, and leaves a mark that only a transaction block keeps: outside one the setting
 * ends with the statement.
 */
export const identityQuery: Sql = sql`
  select
    pg_catalog.version() as banner,
    pg_catalog.current_setting('server_version') as version,
    pg_catalog.current_setting('server_version_num') as version_num,
    pg_catalog.has_function_privilege(
      pg_catalog.to_regproc('pg_catalog.pg_control_system')::pg_catalog.oid, 'execute')
      as may_identify,
    pg_catalog.set_config('watertight.reading', 'catalog', true) as mark`

export interface RawServer extends Omit<ServerInfo, 'version' | 'versionNum' | 'settings'> {
  readonly settings: Readonly<Record<string, string>> | null
}

/** What {@link serverQuery} returns; `inside` says that the caller has opened a transaction. */
export interface RawSession {
  readonly server: RawServer
  readonly inside: boolean
}

/**
 * `inside` is whether the mark of {@link identityQuery} is still there. Settings are what a new session of this role gets (`reset_val`), so
 * that a `SET` of the reading session does not show; those the role may not see are left out.
 *
 * PostgreSQL checks EXECUTE on `pg_control_system()` even where the call is not reached, so the
 * statement must not name it for a role that lacks the right (`mayIdentify` false).
 */
export function serverQuery(mayIdentify: boolean): DocumentQuery<RawSession> {
  const identifier = mayIdentify
    ? sql`(select s.system_identifier::text from pg_catalog.pg_control_system() as s)`
    : sql`''`
  return {
    sql: sql`
  select pg_catalog.json_build_object(
    'database', pg_catalog.current_database(),
    'systemIdentifier', ${identifier},
    'encoding', pg_catalog.current_setting('server_encoding'),
    'currentUser', current_user,
    'isSuperuser', coalesce((
      select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = current_user), false),
    'settings', (
      select pg_catalog.json_object_agg(s.name, case s.name
        when 'in_hot_standby' then
          case when pg_catalog.pg_is_in_recovery() then 'on' else 'off' end
        else coalesce(s.reset_val, '') end)
      from pg_catalog.pg_settings as s
      where s.name in (
        'data_checksums', 'default_transaction_isolation', 'default_transaction_read_only',
        'in_hot_standby', 'local_preload_libraries', 'max_connections', 'max_identifier_length',
        'max_prepared_transactions', 'password_encryption', 'row_security', 'search_path',
        'server_encoding', 'session_preload_libraries', 'session_replication_role',
        'shared_preload_libraries', 'standard_conforming_strings', 'statement_timeout',
        'transaction_timeout', 'wal_level'))
  )::text as server,
  pg_catalog.to_json(coalesce(
    pg_catalog.current_setting('watertight.reading', true) = 'catalog', false))::text as inside`,
  }
}
