import { ident, sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Outcome } from '../../attack.js'
import type { ObjectProbe } from '../../object-attack.js'

/** Settings that turn off what keeps rows apart, of which a server as it comes lets no role change one. */
const granted = sql`select p.parname::text as name from pg_catalog.pg_parameter_acl p
  where pg_catalog.has_parameter_privilege($1, p.parname, 'ALTER SYSTEM')
    or (p.parname in ('session_replication_role', 'lo_compat_privileges', 'session_preload_libraries', 'dynamic_library_path', 'allow_system_table_mods')
      and pg_catalog.has_parameter_privilege($1, p.parname, 'SET'))
  order by 1`

/** The privileges of large objects are not looked at: for all, in this database or for the role. */
const withoutPrivileges = sql`select from pg_catalog.pg_settings s where s.name = 'lo_compat_privileges' and s.reset_val = 'on'
  union all select from pg_catalog.pg_db_role_setting d, lateral pg_catalog.unnest(d.setconfig) as c(line)
  where pg_catalog.lower(c.line) in ('lo_compat_privileges=on', 'lo_compat_privileges=true', 'lo_compat_privileges=1')
    and (d.setdatabase = 0 or d.setdatabase = (select b.oid from pg_catalog.pg_database b where b.datname = pg_catalog.current_database()))
    and (d.setrole = 0 or d.setrole = $1::regrole)`

/** Whether the role was given settings of the server that are a superuser's. */
export async function changeSettings({ session, role }: ObjectProbe): Promise<Outcome> {
  const found = await session.admin(granted, [role])
  if (!found.ok) return inconclusive(`the catalog cannot be asked (${found.sqlState})`)
  if (found.rowCount === 0) return held
  const names = found.rows.map(({ name }) => String(name)).join(', ')
  const what = `${role} may set ${names}, which only superusers do on a server as it comes: triggers and foreign keys can be turned off, or code loaded`
  return { kind: 'leak', statement: granted, what }
}

/** Whether large objects are open to whoever knows, or tries, their numbers. */
export async function readLargeObjects({ session, role }: ObjectProbe): Promise<Outcome> {
  const found = await session.admin(withoutPrivileges, [ident(role).text])
  if (!found.ok) return inconclusive(`the catalog cannot be asked (${found.sqlState})`)
  if (found.rowCount === 0) return held
  const what = `lo_compat_privileges is on, so that ${role} reads and changes every large object, whoever owns it`
  return { kind: 'leak', statement: withoutPrivileges, what }
}
