import type { Driver, DriverResult, Flight, Session, Statement } from 'watertight/runtime'

/**
 * How a flight goes wrong: the connection breaks before anything was sent, after the server had
 * done all of it, or the server ends the session before its last statement.
 */
export type Fault = 'lost-before-send' | 'lost-after-send' | 'refused'

export const faults: readonly Fault[] = ['lost-before-send', 'lost-after-send', 'refused']

/** A write that the model committed, and the tenant whose context was in force as it ran. */
export interface CommittedWrite {
  readonly tenant: string
  readonly id: string
}

/** Decides the fate of the n-th flight, counted from zero over all connections. */
export type FaultPlan = (flight: number) => Fault | null

/**
 * A driver port over a model of the protocol alone: transaction status, savepoints, the setting
 * `app.tenant` that lasts for a transaction, connections and their pool. It is no PostgreSQL: it
 * knows `write <id>`, `fail <sqlstate>` and transaction commands, and answers the rest with no rows.
 */
export class ScriptedDriver implements Driver {
  readonly committed: CommittedWrite[] = []
  /** What a caller did that a pool must never see. */
  readonly violations: string[] = []
  flights = 0
  open = 0
  readonly #idle: ScriptedConnection[] = []
  plan: FaultPlan = () => null

  async acquire(): Promise<Session> {
    await Promise.resolve()
    this.open += 1
    return new ScriptedSession(this, this.#idle.pop() ?? new ScriptedConnection())
  }

  release(connection: ScriptedConnection, destroy: boolean): void {
    this.open -= 1
    if (destroy) return
    if (connection.broken) this.violations.push('a broken connection went back to the pool')
    else if (connection.status !== 'idle') this.violations.push('a dirty connection went back')
    else this.#idle.push(connection)
  }
}

class ScriptedConnection {
  broken = false
  status: 'idle' | 'open' | 'failed' = 'idle'
  tenant = ''
  writes: CommittedWrite[] = []
  savepoints: { readonly name: string; readonly writes: number }[] = []
}

class ScriptedSession implements Session {
  readonly #driver: ScriptedDriver
  readonly #connection: ScriptedConnection
  #busy = false
  #released = false

  constructor(driver: ScriptedDriver, connection: ScriptedConnection) {
    this.#driver = driver
    this.#connection = connection
  }

  async flight(statements: readonly Statement[]): Promise<Flight> {
    const { violations, plan } = this.#driver
    if (this.#released) violations.push('a flight on a connection that was given back')
    if (this.#busy) violations.push('two flights at once on one connection')
    this.#busy = true
    const number = this.#driver.flights
    this.#driver.flights += 1
    await Promise.resolve()
    this.#busy = false
    const connection = this.#connection
    if (connection.broken) return lost(false, false)
    const fault = plan(number)
    if (fault === 'lost-before-send' || fault === 'refused') {
      connection.broken = true
      return lost(fault === 'refused', fault === 'refused')
    }
    const flight = this.#execute(statements)
    if (fault === null) return flight
    connection.broken = true
    return lost(true, false)
  }

  #execute(statements: readonly Statement[]): Flight {
    const connection = this.#connection
    const implicit = connection.status === 'idle'
    const results: DriverResult[] = []
    for (const [index, statement] of statements.entries()) {
      const code = this.#step(statement)
      if (code !== null) {
        if (connection.status === 'open') connection.status = 'failed'
        if (connection.status === 'idle') this.#end(false)
        const cause = { severity: 'ERROR', code, message: 'scripted' }
        const failure = { index, origin: 'server', cause } as const
        return { kind: 'landed', results, failure, status: connection.status }
      }
      results.push(resultOf(statement, this.#tag))
    }
    if (implicit && connection.status === 'idle') this.#end(true)
    return { kind: 'landed', results, failure: null, status: connection.status }
  }

  #tag = ''

  /** Executes one statement; the SQLSTATE of its failure, or null. */
  #step({ text, values }: Statement): string | null {
    const connection = this.#connection
    const [verb = '', argument = ''] = text.split(' ')
    const failed = connection.status === 'failed'
    this.#tag = verb.toUpperCase()
    if (verb === 'commit') {
      this.#tag = failed ? 'ROLLBACK' : 'COMMIT'
      this.#end(!failed)
    } else if (text === 'rollback') {
      this.#end(false)
    } else if (text.startsWith('rollback to savepoint ')) {
      const at = connection.savepoints.findLastIndex(({ name }) => text.endsWith(` ${name}`))
      if (at === -1) return '3B001'
      connection.writes.length = connection.savepoints[at]?.writes ?? 0
      connection.savepoints.length = at + 1
      connection.status = 'open'
    } else if (failed) {
      return '25P02'
    } else if (verb === 'begin') {
      connection.status = 'open'
    } else if (verb === 'savepoint') {
      if (connection.status !== 'open') return '25P01'
      connection.savepoints.push({ name: argument, writes: connection.writes.length })
    } else if (verb === 'release') {
      const at = connection.savepoints.findLastIndex(({ name }) => text.endsWith(` ${name}`))
      if (at === -1) return '3B001'
      connection.savepoints.length = at
    } else if (text.includes('set_config')) {
      if (values[0] === 'app.tenant') connection.tenant = String(values[1])
    } else if (verb === 'write') {
      connection.writes.push({ tenant: connection.tenant, id: argument })
    } else if (verb === 'fail') {
      return argument
    }
    return null
  }

  #end(commit: boolean): void {
    const connection = this.#connection
    if (commit) this.#driver.committed.push(...connection.writes)
    connection.status = 'idle'
    connection.tenant = ''
    connection.writes = []
    connection.savepoints = []
  }

  async cancel(): Promise<void> {
    await Promise.resolve()
  }

  copyOut(statements: readonly Statement[]): Promise<Flight> {
    return this.flight(statements)
  }

  copyIn(statements: readonly Statement[]): Promise<Flight> {
    return this.flight(statements)
  }

  release(destroy: boolean): void {
    if (this.#released) this.#driver.violations.push('a connection was given back twice')
    this.#released = true
    this.#driver.release(this.#connection, destroy)
  }
}

function lost(sent: boolean, refused: boolean): Flight {
  return { kind: 'lost', sent, refused, cause: new Error('scripted') }
}

function resultOf({ text }: Statement, command: string): DriverResult {
  // What the boot check reads: a role without powers on a supported server.
  const isBootCheck = text.includes('pg_catalog.pg_roles')
  const isLevel = text.includes('transaction_isolation')
  const powers = { server: 180_000, login: 'app', role: null, power: null, object: null }
  const rows = isBootCheck ? [powers] : isLevel ? [{ level: 'read committed' }] : []
  return { rows, rowCount: rows.length, command, fields: [] }
}
