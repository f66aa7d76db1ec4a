import { WatertightError } from '../errors/index.js'
import { formatTableName } from '../model/index.js'
import { connectionError, lostError, statementError } from '../runtime/driver-error.js'
import type { Driver, DriverResult, Session, Statement } from '../runtime/driver.js'
import type { Question } from './question.js'
import { onlyRowText, selectStored } from './row-text.js'
import type { TableFacts } from './table-facts.js'

/** What the database knows about the token that it was given. */
export type KeyState = 'unknown' | 'retired' | 'accepted'

/** What a connection without Row Level Security sees. */
export interface Diagnosis {
  /** The row as text; null when there is none or no key was asked about. */
  readonly row: string | null
  /** Null when contexts are not signed, or the keys cannot be read. */
  readonly keyState: KeyState | null
}

const ground = `select pg_catalog.current_database() as database,
  pg_catalog.row_security_active(c.oid) as "rowSecurity",
  coalesce((select pg_catalog.has_table_privilege(k.oid, 'SELECT')
    and pg_catalog.has_schema_privilege(k.relnamespace, 'USAGE')
    from pg_catalog.pg_class as k join pg_catalog.pg_namespace as n on n.oid = k.relnamespace
    where n.nspname = 'watertight' and k.relname = 'signing_keys'), false) as "readsKeys"
  from pg_catalog.pg_class as c where c.oid = $1::pg_catalog.oid`

const keyQuery = `select case when not_after is null or not_after > pg_catalog.clock_timestamp()
    then 'accepted' else 'retired' end as state
  from watertight.signing_keys where kid = $1`

interface Ground {
  readonly database: string
  readonly rowSecurity: boolean
  readonly readsKeys: boolean
}

/**
 * Looks at the row, and at the key of the token, through the diagnostic connection: in a read-only
 * transaction that is rolled back. Nothing but two SELECTs runs there; policies never do, so that
 * their functions do not run with its rights.
 *
 * @throws MISSING_PRIVILEGE when policies apply to the diagnostic role or it may not read the table.
 * @throws INVALID_INPUT when it is connected to another database.
 */
export async function diagnose(
  driver: Driver,
  question: Question,
  facts: TableFacts,
  token: { readonly database: string; readonly kid: string | null },
): Promise<Diagnosis> {
  const session = await driver.acquire().catch((error: unknown) => {
    throw connectionError(error)
  })
  let clean = false
  try {
    const begin = { text: 'begin read only', values: [] }
    const [, first] = await fly(session, [begin, { text: ground, values: [facts.oid] }])
    const found = requireGround(first?.rows[0] as Ground | undefined, question, token.database)
    const readsKey = token.kid !== null && found.readsKeys
    const keys = readsKey ? [{ text: keyQuery, values: [token.kid] }] : []
    const rows = question.key === null ? [] : [selectStored(question, facts, true)]
    const results = await fly(session, [...keys, ...rows, { text: 'rollback', values: [] }])
    clean = true
    const state = readsKey ? (results[0]?.rows[0] as { state?: KeyState } | undefined) : undefined
    const stored = rows.length === 0 ? [] : (results[keys.length]?.rows ?? [])
    return {
      row: onlyRowText(stored as { row: string }[])?.text ?? null,
      keyState: readsKey ? (state?.state ?? 'unknown') : null,
    }
  } finally {
    session.release(!clean)
  }
}

function requireGround(found: Ground | undefined, question: Question, database: string): Ground {
  const object = formatTableName(question.table)
  if (found?.database !== database) {
    throw new WatertightError(
      'INVALID_INPUT',
      'the diagnostic connection is to another database than the pool of the role',
      { object },
    )
  }
  if (!found.rowSecurity) return found
  throw new WatertightError(
    'MISSING_PRIVILEGE',
    `Row Level Security applies to the diagnostic connection on ${object}`,
    {
      object,
      hint: 'Connect as a superuser or a role with BYPASSRLS; owning a table is not enough under FORCE.',
    },
  )
}

async function fly(
  session: Session,
  statements: readonly Statement[],
): Promise<readonly DriverResult[]> {
  const flight = await session.flight(statements)
  if (flight.kind === 'lost') throw lostError(flight)
  if (flight.failure === null) return flight.results
  const error = statementError(flight.failure)
  if (error.code !== 'ACCESS_DENIED') throw error
  throw new WatertightError(
    'MISSING_PRIVILEGE',
    'the diagnostic connection may not read the table; see cause',
    { cause: error, hint: 'Connect as a superuser, or as a role with BYPASSRLS and SELECT.' },
  )
}
