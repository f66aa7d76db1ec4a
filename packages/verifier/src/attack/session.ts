import { WatertightError } from 'watertight/errors'
import { ident, sql } from 'watertight/sql'
import type { Queryable, Sql } from 'watertight/sql'
import { ProbeTransactionEnded } from './ended-transaction.js'

/** What a statement did, or the SQLSTATE it was refused with. Error texts may hold row data. */
export type StepResult =
  | {
      readonly ok: true
      readonly rowCount: number
      readonly rows: readonly Record<string, unknown>[]
    }
  | { readonly ok: false; readonly sqlState: string; readonly constraint: string | null }

/** Settings of one tenant context: name to value. */
export type ContextSettings = readonly (readonly [name: string, value: string])[]

/** One transaction that is always rolled back, with savepoints inside. */
export interface ProbeSession {
  /** Statements run as a runtime role so far. */
  readonly statements: number
  /** Runs `use` and undoes everything it did, error or not. */
  attempt<T>(use: () => Promise<T>): Promise<T>
  /** Runs one step and undoes it only when the server refused it. */
  keep(use: () => Promise<StepResult>): Promise<StepResult>
  /** Runs as the connected role. */
  admin(statement: Sql, values?: readonly unknown[]): Promise<StepResult>
  /** Runs as whoever the session is at the moment. */
  asSession(statement: Sql): Promise<StepResult>
  /** Runs as `role` under the settings; after an error only the end of the attempt is possible. */
  as(
    role: string,
    settings: ContextSettings,
    statement: Sql,
    values?: readonly unknown[],
  ): Promise<StepResult>
}

/** Limits that keep a probe from blocking the application. In milliseconds. */
export interface ProbeLimits {
  readonly statementTimeout: number
  readonly lockTimeout: number
}

/** Defaults of {@link ProbeLimits}. */
export const defaultLimits: ProbeLimits = { statementTimeout: 5_000, lockTimeout: 500 }

/**
 * Runs `use` in a transaction that is rolled back in the end, whatever happens: a connection that
 * is lost rolls back too.
 */
export async function inRolledBackTransaction<T>(
  db: Queryable,
  limits: ProbeLimits,
  use: (session: ProbeSession) => Promise<T>,
): Promise<T> {
  const session = new Session(db)
  await db.query('begin')
  try {
    await limitTransaction(db, limits)
    return await use(session)
  } catch (error) {
    throw session.ended(error)
  } finally {
    await db.query('rollback')
  }
}

/**
 * Runs `use` in a transaction that is kept when it succeeds. Only for scratch copies of the checked
 * database, never for the database itself.
 */
export async function inKeptTransaction<T>(
  scratch: Queryable,
  limits: ProbeLimits,
  use: (session: ProbeSession) => Promise<T>,
): Promise<T> {
  await scratch.query('begin')
  try {
    await limitTransaction(scratch, limits)
    const result = await use(new Session(scratch))
    await scratch.query('set local role none')
    await scratch.query('commit')
    return result
  } catch (error) {
    await scratch.query('rollback').catch(() => undefined)
    throw error
  }
}

async function limitTransaction(db: Queryable, limits: ProbeLimits): Promise<void> {
  await db.query(
    `select set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true),
       set_config('row_security', 'on', true), set_config('client_min_messages', 'error', true),
       set_config('idle_in_transaction_session_timeout', '60000', true)`,
    [String(limits.statementTimeout), String(limits.lockTimeout)],
  )
}

/** A statement in a transaction that failed already; a lock that was not to be had; a deadlock. */
const endings: ReadonlySet<unknown> = new Set(['25P02', '55P03', '40P01'])

class Session implements ProbeSession {
  statements = 0
  #refusal: string | null = null
  readonly #db: Queryable
  #depth = 0

  constructor(db: Queryable) {
    this.#db = db
  }

  /** The error as it is, or as the end of the transaction that it stands for. */
  ended(error: unknown): unknown {
    const code: unknown = Reflect.get(Object(error), 'code')
    if (typeof code !== 'string' || !endings.has(code)) return error
    return new ProbeTransactionEnded(code === '25P02' ? (this.#refusal ?? code) : code, error)
  }

  async attempt<T>(use: () => Promise<T>): Promise<T> {
    this.#depth += 1
    const name = ident(`watertight_probe_${this.#depth}`)
    await this.#db.query(sql`savepoint ${name}`.text)
    try {
      return await use()
    } finally {
      this.#depth -= 1
      await this.#db.query(sql`rollback to savepoint ${name}`.text)
      await this.#db.query(sql`release savepoint ${name}`.text)
    }
  }

  async keep(use: () => Promise<StepResult>): Promise<StepResult> {
    this.#depth += 1
    const name = ident(`watertight_probe_${this.#depth}`)
    await this.#db.query(sql`savepoint ${name}`.text)
    const step = await use()
    this.#depth -= 1
    if (!step.ok) await this.#db.query(sql`rollback to savepoint ${name}`.text)
    await this.#db.query(sql`release savepoint ${name}`.text)
    return step
  }

  async admin(statement: Sql, values: readonly unknown[] = []): Promise<StepResult> {
    await this.#db.query('set local role none')
    return this.#run(statement, values)
  }

  asSession(statement: Sql): Promise<StepResult> {
    return this.#run(statement)
  }

  async as(
    role: string,
    settings: ContextSettings,
    statement: Sql,
    values: readonly unknown[] = [],
  ): Promise<StepResult> {
    for (const [name, value] of settings) {
      await this.#db.query('select set_config($1, $2, true)', [name, value])
    }
    const switched = await this.#run(sql`set local role ${ident(role)}`)
    if (!switched.ok) {
      // INVARIANT: a probe that never ran as the role must not look like one that was refused.
      throw new WatertightError('MISSING_PRIVILEGE', `cannot SET ROLE to ${role}`, {
        object: role,
        hint: 'Connect as a superuser, or grant the role to the connected one.',
        sqlState: switched.sqlState,
      })
    }
    this.statements += 1
    return this.#run(statement, values)
  }

  async #run(statement: Sql, values: readonly unknown[] = []): Promise<StepResult> {
    try {
      const result = await this.#db.query(statement.text, [...values])
      return { ok: true, rowCount: result.rowCount ?? 0, rows: result.rows }
    } catch (error) {
      const { code: sqlState, constraint } = error as { code?: unknown; constraint?: unknown }
      // Anything but a server's answer means that the connection is gone.
      if (typeof sqlState !== 'string' || !/^[0-9A-Z]{5}$/.test(sqlState)) throw error
      if (sqlState !== '25P02') this.#refusal = sqlState
      return { ok: false, sqlState, constraint: typeof constraint === 'string' ? constraint : null }
    }
  }
}
