import type { Transaction } from '../runtime/index.js'
import { ident, joinSql, qualifiedName, sql } from '../sql/index.js'
import { kernelClaims } from './claims.js'
import type { Question } from './question.js'
import type { TableFacts } from './table-facts.js'
import { readTableFacts } from './table-facts.js'

/** What the role and the context of a transaction are to the database. */
export interface Survey {
  readonly facts: TableFacts
  readonly database: string
  /** Key id of the token in force; null without one. */
  readonly kid: string | null
  /** The context has expired by the clock of the server. */
  readonly expired: boolean
  /** Kernel functions that return NULL. */
  readonly absent: ReadonlySet<string>
}

const surroundings = `select pg_catalog.current_setting('search_path') as path,
  pg_catalog.current_database() as database,
  extract(epoch from pg_catalog.clock_timestamp())::text as now,
  nullif(pg_catalog.split_part(
    pg_catalog.current_setting('watertight.context', true), '.', 2), '') as kid`

const setPath = "select pg_catalog.set_config('search_path', $1, true)"

interface Surroundings {
  readonly path: string
  readonly database: string
  /** Seconds since 1970. */
  readonly now: string
  readonly kid: string | null
}

/** Reads what decides about the table, as the role that the statement ran as. */
export async function survey(tx: Transaction, { table }: Question): Promise<Survey> {
  const { rows } = await tx.query<Surroundings>(surroundings)
  const { path = '', database = '', now = '0', kid = null } = rows[0] ?? {}
  // With an empty path PostgreSQL qualifies every name that it prints.
  await tx.query(setPath, [''])
  const facts = await readTableFacts(tx, table)
  await tx.query(setPath, [path])
  const expired = Number(now) >= tx.context.expiresAt
  return { facts, database, kid, expired, absent: await absentClaims(tx, facts.kernel) }
}

async function absentClaims(
  tx: Transaction,
  kernel: readonly string[],
): Promise<ReadonlySet<string>> {
  const names = kernel.filter((name) => kernelClaims.has(name))
  if (names.length === 0) return new Set()
  const terms = names.map(
    (name) => sql`(${qualifiedName('watertight', name)}() is null)::text as ${ident(name)}`,
  )
  const { rows } = await tx.query<Record<string, string>>(sql`select ${joinSql(terms)}`.text)
  return new Set(names.filter((name) => rows[0]?.[name] === 'true'))
}
