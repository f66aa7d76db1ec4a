import { WatertightError } from '../errors/index.js'
import type { IsolationLevel } from './begin-statement.js'
import { beginStatement } from './begin-statement.js'
import { settingsStatement } from './context-statement.js'
import type { Statement } from './driver.js'
import type { RetryOptions, RetryPolicy } from './retry.js'
import { retryPolicy } from './retry.js'

/** Time-outs of a transaction in milliseconds; 0 switches one off, none is the server's default. */
export interface Timeouts {
  /** `statement_timeout`: how long one statement may take. */
  readonly statementTimeout?: number
  /** `lock_timeout`: how long a statement may wait for one lock. */
  readonly lockTimeout?: number
  /** `idle_in_transaction_session_timeout`: how long the server waits for the next statement. */
  readonly idleTimeout?: number
}

/** What a `TxManager` applies where a call says nothing else. */
export interface TransactionDefaults extends Timeouts {
  readonly retry?: RetryOptions | false
}

/** How a lone statement, batch or stream runs. */
export interface QueryOptions extends Timeouts {
  /** Gives up: cancels the statement on the server and throws ABORTED. */
  readonly signal?: AbortSignal
}

/** How the transaction of `run` runs. */
export interface RunOptions extends QueryOptions, TransactionDefaults {
  /** The server's default when left out. */
  readonly isolationLevel?: IsolationLevel
  /**
   * Makes every write fail. The result is returned without waiting for the COMMIT, unless the
   * transaction is serializable: then only its commit says whether what it read is consistent.
   */
  readonly readOnly?: boolean
}

/** Parsed options of one call. */
export interface ParsedOptions {
  /** The statement that sets the time-outs; null when there are none. */
  readonly timeouts: Statement | null
  readonly signal: AbortSignal | undefined
}

export interface ParsedRunOptions extends ParsedOptions {
  readonly begin: Statement
  readonly isolationLevel: IsolationLevel | null
  readonly readOnly: boolean
  readonly retry: RetryPolicy | null
}

const settings = {
  statementTimeout: 'statement_timeout',
  lockTimeout: 'lock_timeout',
  idleTimeout: 'idle_in_transaction_session_timeout',
} as const satisfies Record<keyof Timeouts, string>

const timeoutNames = Object.keys(settings) as (keyof Timeouts)[]
const queryKeys: ReadonlySet<string> = new Set([...timeoutNames, 'signal'])
const runKeys: ReadonlySet<string> = new Set([...queryKeys, 'isolationLevel', 'readOnly', 'retry'])
const defaultKeys: ReadonlySet<string> = new Set([...timeoutNames, 'retry'])
const maxTimeout = 2_147_483_647

/** The options of calls, parsed once for all calls that have none. */
export class OptionParser {
  readonly #defaults: TransactionDefaults
  readonly #query: ParsedOptions
  readonly #run: ParsedRunOptions

  /** @throws INVALID_INPUT when a default is malformed or unknown. */
  constructor(defaults: TransactionDefaults = {}) {
    requireKeys(defaults, defaultKeys)
    this.#defaults = defaults
    this.#query = { timeouts: timeoutStatement(defaults), signal: undefined }
    this.#run = {
      ...this.#query,
      begin: beginStatement(undefined, false),
      isolationLevel: null,
      readOnly: false,
      retry: retryPolicy(defaults.retry),
    }
  }

  /** @throws INVALID_INPUT for an option that is malformed or unknown. */
  query(options: QueryOptions | undefined): ParsedOptions {
    if (options === undefined) return this.#query
    requireKeys(options, queryKeys)
    return this.#common(options)
  }

  /** @throws INVALID_INPUT for an option that is malformed or unknown. */
  run(options: RunOptions | undefined): ParsedRunOptions {
    if (options === undefined) return this.#run
    requireKeys(options, runKeys)
    const { isolationLevel, readOnly = false, retry = this.#defaults.retry } = options
    if (typeof readOnly !== 'boolean') throw invalid('readOnly', 'must be a boolean')
    const { timeouts, signal } = this.#common(options)
    return {
      timeouts,
      signal,
      begin: beginStatement(isolationLevel, readOnly),
      isolationLevel: isolationLevel ?? null,
      readOnly,
      retry: retryPolicy(retry),
    }
  }

  #common(options: QueryOptions): ParsedOptions {
    const { signal } = options
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw invalid('signal', 'must be an AbortSignal')
    }
    const own = timeoutNames.some((name) => options[name] !== undefined)
    const timeouts = own ? { ...this.#defaults, ...given(options) } : null
    return {
      timeouts: timeouts === null ? this.#query.timeouts : timeoutStatement(timeouts),
      signal,
    }
  }
}

/** The options without those that are undefined. */
function given(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function timeoutStatement(timeouts: Timeouts): Statement | null {
  const set = timeoutNames.flatMap((name): [string, string][] => {
    const value: unknown = timeouts[name]
    if (value === undefined) return []
    return [[settings[name], String(milliseconds(name, value, 0))]]
  })
  return set.length === 0 ? null : settingsStatement(set)
}

/** @throws INVALID_INPUT for anything but a whole number of milliseconds from `least`. */
export function milliseconds(name: string, value: unknown, least: number): number {
  if (typeof value === 'number' && Number.isInteger(value)) {
    if (value >= least && value <= maxTimeout) return value
  }
  throw invalid(name, `must be a whole number of milliseconds from ${least} to ${maxTimeout}`)
}

function requireKeys(options: unknown, known: ReadonlySet<string>): void {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'must be an object')
  for (const key of Object.keys(options)) {
    if (!known.has(key)) throw invalid(JSON.stringify(key.slice(0, 64)), 'is not a known option')
  }
}

function invalid(name: string, fault: string): WatertightError {
  return new WatertightError('INVALID_INPUT', `${name} ${fault}`, { object: name })
}
