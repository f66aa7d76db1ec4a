import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { absentObject } from './absent-objects.js'
import { loadError } from './load-error.js'
import { onThisDatabase } from './on-this-database.js'
import { passMetaCommand } from './meta-command.js'
import type { Script } from './script-file.js'
import { splitStatements } from './split-statements.js'
import type { StatementPart } from './split-statements.js'

/** How scripts are loaded. */
export interface LoadOptions {
  /** Told once about everything that was done beside the script, or left out. */
  readonly onNote: (note: string) => void
  /** Told before each statement. */
  readonly refuseIfAborted: () => void
  /** Begin a transaction first, and leave it open; see {@link fitsTransaction}. */
  readonly inTransaction?: boolean
  /** Pass over rows that refer to others which no script makes: it is the tables that are judged. */
  readonly skipsStrayRows?: boolean
  /** Of a platform's scripts: extensions whose objects are there already without them. */
  readonly standIns?: ReadonlySet<string>
}

/**
 * Runs a script statement by statement, as psql would: `COPY` rows included. Roles that it names and
 * does not create are created without login, for a dump never holds them; so are tables in which tools keep
 * the migrations that they ran.
 *
 * @throws LOAD_FAILED with file, line and column of the statement that fails.
 */
export async function loadScript(
  client: pg.Client,
  script: Script,
  options: LoadOptions,
): Promise<void> {
  const parts = [...splitStatements(script.text)]
  const made = new Set<string>()
  if (options.inTransaction === true) await client.query('begin')
  let transactionStart: number | null = options.inTransaction === true ? 0 : null
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index]
    if (part === undefined) break
    options.refuseIfAborted()
    if (part.kind === 'meta') {
      passMetaCommand(script, part)
      continue
    }
    const standIn = extensionOf(part)
    if (standIn !== null && options.standIns?.has(standIn) === true) {
      options.onNote(`left out: the extension ${standIn}, of which a stand-in is there`)
      continue
    }
    if (isAboutDatabases(part)) {
      options.onNote(
        `left out: ${part.words
          .slice(0, part.words[0] === 'comment' ? 3 : 2)
          .join(' ')
          .toUpperCase()}`,
      )
      continue
    }
    const { statement, note: renamed } = onThisDatabase(part, client.database ?? '')
    try {
      const isGuarded = options.skipsStrayRows === true && transactionStart !== null
      await (isGuarded && changesRows(part)
        ? runGuarded(client, statement)
        : runStatement(client, statement))
      if (renamed !== null) options.onNote(renamed)
      if (opensTransaction(part)) transactionStart = index
      if (endsTransaction(part)) transactionStart = null
    } catch (error) {
      const absent = absentObject(error)
      if (absent !== null && !made.has(absent.note)) {
        made.add(absent.note)
        // The failed statement aborted the script's own transaction: begin that one again.
        if (transactionStart !== null) await client.query('rollback')
        await client.query(absent.make.text)
        options.onNote(absent.note)
        index = (transactionStart ?? index) - 1
        if (options.inTransaction === true) await client.query('begin')
        else transactionStart = null
        continue
      }
      const stray = strayRows(part, error, options)
      const note = stray ?? passableFault(part, error, options)
      const isLost = stray === null && transactionStart !== null
      if (note === null || isLost) throw loadError(script, part.start, error)
      options.onNote(note)
    }
  }
}

/** True when the script may run inside a transaction of the caller. */
export function fitsTransaction(script: Script): boolean {
  for (const part of splitStatements(script.text)) {
    if (part.kind === 'meta') continue
    if (opensTransaction(part) || endsTransaction(part)) return false
    if (/^(vacuum|reindex|cluster)$/.test(part.words[0] ?? '')) return false
    if (/^alter (system|database)/.test(part.words.join(' '))) return false
    if (/\bconcurrently\b/i.test(part.text)) return false
    // A new enum value cannot be used in the transaction that adds it (manual, ALTER TYPE).
    if (/\badd\s+value\b/i.test(part.text)) return false
  }
  return true
}

async function runStatement(client: pg.Client, part: StatementPart): Promise<void> {
  if (part.copyData === null) {
    await client.query(part.text)
    return
  }
  const copy = client.query(copyFrom(part.text))
  const isDone = once(copy, 'finish')
  isDone.catch(() => undefined)
  await pipeline(Readable.from([part.copyData]), copy)
  await isDone
}

/** A statement that fails inside of a transaction ends it, unless there is a savepoint before. */
async function runGuarded(client: pg.Client, part: StatementPart): Promise<void> {
  await client.query('savepoint watertight_rows')
  try {
    await runStatement(client, part)
  } catch (error) {
    await client.query('rollback to savepoint watertight_rows')
    throw error
  }
  await client.query('release savepoint watertight_rows')
}

function changesRows({ text, words: [first] }: StatementPart): boolean {
  if (first === 'do') return !/\b(?:create|alter|drop|grant|revoke|execute|perform)\b/i.test(text)
  return /^(?:insert|update|delete|merge|with)$/.test(first ?? '')
}

/**
 * Migrations repair rows of the one database that they were written for. Elsewhere what these refer
 * to is not there: a foreign key finds nothing, or a sub-select gives NULL.
 */
function strayRows(
  part: StatementPart,
  error: unknown,
  { skipsStrayRows }: LoadOptions,
): string | null {
  if (skipsStrayRows !== true || !changesRows(part)) return null
  const state = fieldOf(error, 'code')
  if (part.words[0] === 'do') {
    const isMissing = typeof state === 'string' && /^(P0001|P0002|23503|23502)$/.test(state)
    if (!isMissing || !(error instanceof Error)) return null
    return `left out: a DO block about rows alone, which ended with "${error.message}"`
  }
  const isStray = state === '23503' || (state === '23502' && /\bselect\b/i.test(part.text))
  const [schema, table] = [fieldOf(error, 'schema'), fieldOf(error, 'table')]
  if (!isStray || typeof schema !== 'string' || typeof table !== 'string') return null
  return `left out: rows of ${schema}.${table} that refer to rows which no script makes`
}

function opensTransaction({ words: [first, second] }: StatementPart): boolean {
  return first === 'begin' || (first === 'start' && second === 'transaction')
}

function endsTransaction({ words: [first, second] }: StatementPart): boolean {
  return /^(commit|end|abort)$/.test(first ?? '') || (first === 'rollback' && second !== 'to')
}

/** Statements about the database itself: everything is loaded into one that is there already. */
function isAboutDatabases({ words: [first, second, third] }: StatementPart): boolean {
  if (first === 'comment') return second === 'on' && third === 'database'
  return second === 'database' && /^(create|drop|alter)$/.test(first ?? '')
}

/** The extension that a statement makes, drops or comments on. */
function extensionOf({ text, words: [first, second] }: StatementPart): string | null {
  const isAbout =
    (second === 'extension' && /^(create|drop|alter)$/.test(first ?? '')) || first === 'comment'
  if (!isAbout) return null
  const found = /\bextension\s+(?:if\s+(?:not\s+)?exists\s+)?("[^"]+"|[\w$-]+)/i.exec(text)
  return found?.[1]?.replaceAll('"', '').toLowerCase() ?? null
}

/** Faults that psql would report and pass over, and that change nothing about the tables. */
function passableFault(
  part: StatementPart,
  error: unknown,
  { standIns }: LoadOptions,
): string | null {
  const state = fieldOf(error, 'code')
  const [first, second] = part.words
  if (first === 'set' && state === '42704') {
    return `left out: SET ${part.words[1] ?? ''}, which this version does not know`
  }
  const isLacking = state === '0A000' || state === '58P01'
  const isOfPlatform = standIns !== undefined
  if (isOfPlatform && first === 'create' && second === 'extension' && isLacking) {
    return `left out: the extension ${extensionOf(part) ?? ''}, which the local PostgreSQL lacks; what is in it is unknown here`
  }
  const isMethod =
    error instanceof Error && /^access method ".+" does not exist$/.test(error.message)
  if (isOfPlatform && /^create index\b/.test(part.words.join(' ')) && isMethod) {
    return 'left out: indexes of kinds that the local PostgreSQL lacks'
  }
  if (first === 'create' && second === 'role' && state === '42710') {
    return `left out: CREATE ROLE ${part.words[2] ?? ''}, which is there already`
  }
  return null
}

function fieldOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
}
