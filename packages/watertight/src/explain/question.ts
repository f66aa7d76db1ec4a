import { WatertightError } from '../errors/index.js'
import type { Command, ContextSource, TableName } from '../model/index.js'
import { parseTableName } from '../model/index.js'
import type { Driver } from '../runtime/driver.js'
import { isTenantContext } from '../runtime/index.js'
import type { TenantContext } from '../runtime/index.js'

/** A value of a key column, as the driver takes it. */
export type KeyValue = string | number | bigint | boolean | Date | Uint8Array

/** The key of one row: a value, or a value per column. Null for a row that INSERT makes. */
export type RowKey = KeyValue | Readonly<Record<string, KeyValue>> | null

export interface WhyOptions {
  /** The statement that was refused; `INSERT` without a key and else `SELECT` by default. */
  readonly command?: Command
  /** What INSERT or UPDATE writes, by column. */
  readonly values?: Readonly<Record<string, unknown>>
  /** Columns that the statement reads (SELECT, or in its WHERE); all of them by default. */
  readonly columns?: readonly string[]
  /** The statement has a RETURNING clause: of these columns, or of all when true. */
  readonly returning?: boolean | readonly string[]
  /** `context` of the model, which says what plain settings mean. */
  readonly source?: ContextSource
  /**
   * A pool of a role that Row Level Security does not apply to (the migrator's or a superuser's).
   * Only with it is anything told about a row that the context cannot see.
   */
  readonly diagnostic?: Driver
  /**
   * Whom the answer is for. The row is read under this context too, and what it sees of the row may be
   * told; of a row that it does not see nothing is. Takes no `diagnostic`, and runs in production.
   */
  readonly asker?: TenantContext
}

/** The key of a row: a value of the primary key, or values of columns. */
export type CheckedKey =
  | { readonly kind: 'value'; readonly value: KeyValue }
  | { readonly kind: 'columns'; readonly columns: ReadonlyMap<string, KeyValue> }

/** A checked question. */
export interface Question {
  readonly table: TableName
  readonly command: Command
  readonly key: CheckedKey | null
  readonly values: ReadonlyMap<string, unknown>
  /** Null: every column. */
  readonly columns: readonly string[] | null
  /** Empty without RETURNING, null for every column. */
  readonly returning: readonly string[] | null
  readonly source: ContextSource
  readonly diagnostic: Driver | null
  readonly asker: TenantContext | null
}

const commands: readonly unknown[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] satisfies Command[]

/** @throws INVALID_INPUT for a malformed table, key, command or set of values. */
export function parseQuestion(
  table: string | TableName,
  key: RowKey,
  options: WhyOptions,
): Question {
  const command = options.command ?? (key === null ? 'INSERT' : 'SELECT')
  if (!commands.includes(command)) throw fault('command must be SELECT, INSERT, UPDATE or DELETE')
  if (command === 'INSERT' && key !== null) throw fault('INSERT has no row yet: pass null as id')
  if (command !== 'INSERT' && (key === null || key === undefined)) {
    throw fault(`${command} needs the key of a row`)
  }
  const { returning = false, asker = null } = options
  if (asker !== null && options.diagnostic !== undefined) {
    throw fault('an answer for an asker takes no diagnostic connection')
  }
  if (asker !== null && !isTenantContext(asker)) throw fault('the asker must be a TenantContext')
  return {
    table: typeof table === 'string' ? parseTableName(table) : table,
    command,
    key: checkedKey(key),
    values: new Map(Object.entries(options.values ?? {})),
    columns: options.columns ?? null,
    returning: returning === true ? null : returning === false ? [] : returning,
    source: options.source ?? { kind: 'signed' },
    diagnostic: options.diagnostic ?? null,
    asker,
  }
}

function checkedKey(key: RowKey): CheckedKey | null {
  if (key === null) return null
  if (isRecord(key)) return { kind: 'columns', columns: columnsOf(key) }
  return { kind: 'value', value: key }
}

function isRecord(key: RowKey): key is Readonly<Record<string, KeyValue>> {
  return (
    typeof key === 'object' &&
    key !== null &&
    !(key instanceof Date) &&
    !(key instanceof Uint8Array)
  )
}

function columnsOf(
  key: Readonly<Record<string, KeyValue | null | undefined>>,
): ReadonlyMap<string, KeyValue> {
  const columns = new Map<string, KeyValue>()
  for (const [name, value] of Object.entries(key)) {
    if (value === null || value === undefined) throw fault(`key column ${name} has no value`)
    columns.set(name, value)
  }
  if (columns.size === 0) throw fault('a key needs at least one column')
  return columns
}

/** The error of a question that cannot be asked. */
export function fault(message: string): WatertightError {
  return new WatertightError('INVALID_INPUT', message, { object: 'why' })
}
