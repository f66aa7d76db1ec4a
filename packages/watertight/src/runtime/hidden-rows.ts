import { WatertightError } from '../errors/index.js'
import type { Queryable } from '../sql/index.js'

const findHidden = `
select c.oid::pg_catalog.regclass::text as name
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relrowsecurity and c.relkind in ('r', 'p') and n.nspname <> 'watertight'
  and pg_catalog.row_security_active(c.oid)
  and pg_catalog.has_table_privilege(c.oid, 'select, insert, update, delete')
order by c.oid limit 5`

const hint =
  'Log in as a role with BYPASSRLS, or give the system scope the tenant whose rows it works on.'

/**
 * Refuses a connection whose role may use tables of which RLS would hide rows.
 *
 * @throws ROWS_HIDDEN naming the first five of them.
 */
export async function requireRowsVisible(db: Queryable): Promise<void> {
  const { rows } = await db.query<{ name: string }>(findHidden)
  if (rows.length === 0) return
  const names = rows.map(({ name }) => name).join(', ')
  throw new WatertightError(
    'ROWS_HIDDEN',
    `Row Level Security would hide rows of ${names} from this role without saying so`,
    { object: rows[0]?.name ?? names, hint },
  )
}

/** The typed error when the server refused a query because RLS would have filtered it. */
export function hiddenRowsError(error: unknown): WatertightError | null {
  if (!(error instanceof WatertightError) || error.sqlState !== '42501') return null
  const { cause } = error
  // Names of functions are not translated, messages are.
  const routine = typeof cause === 'object' && cause !== null && 'routine' in cause
  if (!routine || cause.routine !== 'check_enable_rls') return null
  return new WatertightError(
    'ROWS_HIDDEN',
    `Row Level Security would have hidden rows${error.object === undefined ? '' : ` of ${error.object}`}`,
    { sqlState: '42501', cause: error, hint },
  )
}
