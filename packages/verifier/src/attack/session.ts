import { WatertightError } from 'watertight/errors'
import { ident, literal, sql } from 'watertight/sql'
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
  /** What the connected role sets before its next statement; only what no server refuses. */
  prepare(statement: Sql): void
  /** Runs as the connected role. */
  admin(statement: Sql, values?: readonly unknown[]): Promise<StepResult>
  /** Runs as whoever the session is at the moment. */
  asSession(statement: Sql): Promise<StepResult>
  /** Sends what is still to be undone, for who goes on with the connection beside the session. */
  settle(): Promise<void>
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
    const session = new Session(scratch)
    const result = await use(session)
    await session.settle()
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

/**
 * Savepoints, settings and roles wait for the next statement and go out before it as one message:
 * most statements of a run are such, and what is undone before it was sent need not be sent at all.
 */
class Session implements ProbeSession {
  statements = 0
  #refusal: string | null = null
  readonly #db: Queryable
  #depth = 0
  #waiting: string[] = []
  /** Roles that the server has let this session become. */
  readonly #allowed = new Set<string>()

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
    const name = this.#enter()
    try {
      return await use()
    } finally {
      this.#depth -= 1
      this.#undo(name)
    }
  }

  async keep(use: () => Promise<StepResult>): Promise<StepResult> {
    const name = this.#enter()
    const step = await use()
    this.#depth -= 1
    if (step.ok) this.#waiting.push(sql`release savepoint ${name}`.text)
    else this.#undo(name)
    return step
  }

  prepare(statement: Sql): void {
    this.#waiting.push('set local role none', statement.text)
  }

  async admin(statement: Sql, values: readonly unknown[] = []): Promise<StepResult> {
    this.#waiting.push('set local role none')
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
      this.#waiting.push(
        sql`select pg_catalog.set_config(${literal(name)}, ${literal(value)}, true)`.text,
      )
    }
    const change = sql`set local role ${ident(role)}`
    if (this.#allowed.has(role)) this.#waiting.push(change.text)
    else await this.#become(role, change)
    this.statements += 1
    return this.#run(statement, values)
  }

  async settle(): Promise<void> {
    if (this.#waiting.length === 0) return
    const text = this.#waiting.join('; ')
    this.#waiting = []
    await this.#db.query(text)
  }

  #enter(): Sql {
    this.#depth += 1
    const name = ident(`watertight_probe_${this.#depth}`)
    this.#waiting.push(sql`savepoint ${name}`.text)
    return name
  }

  /** What waits since the savepoint is undone with it; nothing is to be sent if that waits, too. */
  #undo(name: Sql): void {
    const at = this.#waiting.lastIndexOf(sql`savepoint ${name}`.text)
    this.#waiting =
      at >= 0
        ? this.#waiting.slice(0, at)
        : [sql`rollback to savepoint ${name}`.text, sql`release savepoint ${name}`.text]
  }

  async #become(role: string, change: Sql): Promise<void> {
    const switched = await this.#run(change)
    if (!switched.ok) {
      // INVARIANT: a probe that never ran as the role must not look like one that was refused.
      throw new WatertightError('MISSING_PRIVILEGE', `cannot SET ROLE to ${role}`, {
        object: role,
        hint: 'Connect as a superuser, or grant the role to the connected one.',
        sqlState: switched.sqlState,
      })
    }
    this.#allowed.add(role)
  }

  async #run(statement: Sql, values: readonly unknown[] = []): Promise<StepResult> {
    const settling = this.settle()
    // Behind what waits, and in the same round trip, where the connection takes both at once. What
    // follows a statement that failed is only told that the transaction is over.
    if (this.#db.pipeline !== true) await settling
    const [settled, answered] = await Promise.allSettled([
      settling,
      this.#db.query(statement.text, [...values]),
    ])
    // INVARIANT: a probe whose role or settings were refused must not look like one that was.
    if (settled.status === 'rejected') throw settled.reason
    if (answered.status === 'fulfilled') {
      const { rowCount, rows } = answered.value
      return { ok: true, rowCount: rowCount ?? 0, rows }
    }
    return this.#refused(answered.reason)
  }

  #refused(error: unknown): StepResult {
    const { code: sqlState, constraint } = error as { code?: unknown; constraint?: unknown }
    // Anything but a server's answer means that the connection is gone.
    if (typeof sqlState !== 'string' || !/^[0-9A-Z]{5}$/.test(sqlState)) throw error
    if (sqlState !== '25P02') this.#refusal = sqlState
    return { ok: false, sqlState, constraint: typeof constraint === 'string' ? constraint : null }
  }
}
