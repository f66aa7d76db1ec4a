import { WatertightError } from '../errors/index.js'
import type { Problem } from '../errors/index.js'
import type { RuntimeRole } from '../model/index.js'
import type { Queryable, Sql } from '../sql/index.js'
import { ident, sql } from '../sql/index.js'

export interface RoleCheckOptions {
  /** What the role is used as; named in the error. */
  readonly role: RuntimeRole
}

interface PowerRow {
  readonly server: number
  readonly login: string
  readonly role: string | null
  readonly power: string | null
  readonly object: string | null
}

/*
 * Membership counts in full: INHERIT gives the rights at once, SET by SET ROLE, ADMIN by granting
 * oneself the rest (PostgreSQL 16 and later tell them apart). session_user counts beside
 * current_user, because any SQL can RESET ROLE back to it.
 */
const findPowers = `
with recursive reach (oid) as (
  select r.oid from pg_catalog.pg_roles r where r.rolname in (current_user, session_user)
  union
  select m.roleid from pg_catalog.pg_auth_members m join reach on m.member = reach.oid
), reached as (
  select r.* from pg_catalog.pg_roles r join reach on r.oid = reach.oid
), kernel as (
  select n.oid, n.nspowner from pg_catalog.pg_namespace n where n.nspname = 'watertight'
), powers (role, power, object) as (
  select rolname, 'SUPERUSER', null from reached where rolsuper
  union all select rolname, 'BYPASSRLS', null from reached where rolbypassrls
  union all select rolname, 'CREATEROLE', null from reached where rolcreaterole
  union all select rolname, 'REPLICATION', null from reached where rolreplication
  union all select rolname, 'PREDEFINED', null from reached where rolname in (
    'pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files',
    'pg_execute_server_program', 'pg_create_subscription')
  union all select r.rolname, 'OWNS_SCHEMA', 'watertight' from reached r join kernel k on k.nspowner = r.oid
  union all select r.rolname, 'OWNS_FUNCTION', p.oid::pg_catalog.regprocedure::text
    from reached r join pg_catalog.pg_proc p on p.proowner = r.oid join kernel k on k.oid = p.pronamespace
  union all (select r.rolname, 'OWNS_TABLE', c.oid::pg_catalog.regclass::text
    from reached r join pg_catalog.pg_class c on c.relowner = r.oid
    where c.relkind in ('r', 'p') and (c.relrowsecurity or c.relnamespace in (select oid from kernel))
    order by c.oid limit 5)
  union all select r.rolname, 'READS_KEYS', 'watertight.signing_keys' from reached r
    join pg_catalog.pg_class c on c.relname = 'signing_keys' and c.relnamespace in (select oid from kernel)
    where not r.rolsuper and pg_catalog.has_any_column_privilege(r.oid, c.oid, 'select')
)
select pg_catalog.current_setting('server_version_num')::int as server, session_user::text as login,
  role::text, power, object
from (select) one left join powers on true order by role, power, object`

/** The power in words, and the statement that takes it away from `role`, which `login` can use. */
function describe(
  login: string,
  row: PowerRow & { role: string; power: string },
): {
  power: string
  fix: Sql | string
} {
  const role = ident(row.role)
  if (row.power === 'PREDEFINED' || row.role !== login) {
    const power = row.power === 'PREDEFINED' ? '' : ` (${inWords(row)})`
    return {
      power: `can act as ${row.role}${power}`,
      fix: sql`revoke ${role} from ${ident(login)}`,
    }
  }
  const fixes: Record<string, Sql | string> = {
    SUPERUSER: sql`alter role ${role} nosuperuser`,
    BYPASSRLS: sql`alter role ${role} nobypassrls`,
    CREATEROLE: sql`alter role ${role} nocreaterole`,
    REPLICATION: sql`alter role ${role} noreplication`,
    READS_KEYS: sql`revoke all on table watertight.signing_keys from ${role}`,
  }
  return { power: inWords(row), fix: fixes[row.power] ?? 'make another role the owner' }
}

function inWords({ power, object }: PowerRow): string {
  if (power === 'OWNS_TABLE') return `owns table ${object}`
  if (power === 'OWNS_SCHEMA') return `owns schema ${object}`
  if (power === 'OWNS_FUNCTION') return `owns function ${object}`
  if (power === 'READS_KEYS') return `can read ${object}`
  return `is ${power}`
}

/**
 * Refuses a connection whose role could see past Row Level Security: SUPERUSER, BYPASSRLS,
 * CREATEROLE, REPLICATION, the owner of a table with RLS or of the `watertight` schema, a reader of
 * the signing keys, and whoever can become one of them, now or by `RESET ROLE`. Reads the catalog
 * only, in one statement.
 *
 * @throws UNSAFE_ROLE naming the role, each power and the statement that takes it away;
 * UNSUPPORTED_SERVER before PostgreSQL 15.
 *
 * @example
 * ```ts
 * await checkRuntimeRole(client, { role: 'app' })
 * // UNSAFE_ROLE: role acme_app must not run as app: is BYPASSRLS (alter role acme_app nobypassrls)
 * ```
 */
export async function checkRuntimeRole(db: Queryable, options: RoleCheckOptions): Promise<void> {
  const { rows } = await db.query<PowerRow>(findPowers)
  const [first] = rows
  if (first === undefined || !(first.server >= 150_000)) {
    throw new WatertightError('UNSUPPORTED_SERVER', 'watertight needs PostgreSQL 15 or later', {
      object: `server version ${first?.server ?? 'unknown'}`,
    })
  }
  const problems: Problem[] = rows.flatMap((row) => {
    const { role, power } = row
    if (role === null || power === null) return []
    const found = describe(first.login, { ...row, role, power })
    const fix = typeof found.fix === 'string' ? found.fix : found.fix.text
    return [{ path: first.login, message: `${found.power} (${fix})` }]
  })
  if (problems.length === 0) return
  const list = problems.map((problem) => problem.message).join('; ')
  throw new WatertightError(
    'UNSAFE_ROLE',
    `role ${first.login} must not run as ${options.role}: ${list}`,
    { object: first.login, problems, hint: 'Log in as a role that owns and bypasses nothing.' },
  )
}
