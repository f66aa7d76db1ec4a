import { WatertightError } from '../errors/index.js'
import type { IsolationLevel } from '../runtime/index.js'
import { withoutStrings } from './text-literals.js'

/** What BEGIN and SET TRANSACTION say of a transaction. */
export interface TransactionModes {
  readonly isolationLevel?: IsolationLevel
  readonly readOnly?: boolean
}

/** What a statement of a client does to the transaction; `none` for an ordinary statement. */
export type StatementControl =
  | { readonly kind: 'none' }
  | { readonly kind: 'begin' | 'set-transaction'; readonly modes: TransactionModes }
  | { readonly kind: 'commit' | 'rollback' }
  | { readonly kind: 'savepoint' | 'release' | 'rollback-to'; readonly name: string }
  /** Ends with the transaction, so it means nothing outside of one. */
  | { readonly kind: 'transaction-local' }

type Recogniser = (text: string) => StatementControl | null

const none: StatementControl = { kind: 'none' }
const transactionLocal: StatementControl = { kind: 'transaction-local' }

const explained = /^explain (?:\([^)]*\) ?|analy[sz]e |verbose )*(?:create|execute|declare) /

/** By the first word of a statement. A text under one of these that is not recognised is refused. */
const recognisers: ReadonlyMap<string, Recogniser> = new Map<string, Recogniser>([
  ['begin', (text) => begin(/^begin(?: work| transaction)?(?: (.+))?$/.exec(text))],
  ['start', (text) => begin(/^start transaction(?: (.+))?$/.exec(text))],
  [
    'commit',
    (text) => end('commit', /^commit(?: work| transaction)?(?: and no chain)?$/.test(text)),
  ],
  ['end', (text) => end('commit', /^end(?: work| transaction)?(?: and no chain)?$/.test(text))],
  [
    'abort',
    (text) => end('rollback', /^abort(?: work| transaction)?(?: and no chain)?$/.test(text)),
  ],
  ['rollback', rollback],
  ['savepoint', (text) => named('savepoint', /^savepoint (.+)$/.exec(text))],
  ['release', (text) => named('release', /^release(?: savepoint)? (.+)$/.exec(text))],
  ['set', set],
  // EXPLAIN ANALYZE runs what it explains.
  ['explain', (text) => (explained.test(text) ? null : none)],
  ['declare', (text) => (/ with hold /.test(text) ? null : transactionLocal)],
  ['create', (text) => (/^create (?:(?:local|global) )?temp(?:orary)? /.test(text) ? null : none)],
  ...['reset', 'discard', 'listen', 'unlisten', 'load', 'prepare', 'execute', 'deallocate'].map(
    (word): [string, Recogniser] => [word, () => null],
  ),
])

/**
 * Tells a statement that controls the transaction from an ordinary one, by its text.
 *
 * @throws STATEMENT_REFUSED for what would change the session or end the context: session
 * settings, prepared transactions and statements, LISTEN, temporary tables, held cursors,
 * `set_config` (also in transactions: the context is immutable there), `AND CHAIN`.
 */
export function controlOf(text: string): StatementControl {
  const mentionsSetConfig = setConfig.test(text)
  if (!mentionsSetConfig && ordinary.test(text)) return none
  const word = wordAt(text)
  // SECURITY: a session setting outlives the transaction and meets the pool's next tenant.
  if (mentionsSetConfig && callsSetConfig(word, text)) throw refused('set_config')
  const recognise = recognisers.get(word)
  if (recognise === undefined) return none
  const control = recognise(normalised(text))
  if (control === null) throw refused(word.toUpperCase())
  return control
}

const setConfig = /set_config/i

/** Words that no recogniser has: most statements begin with one of them. */
const ordinary = /^[\s(]*(?:select|insert|update|delete|with)\b/i

/** Data may name it: MikroORM writes values into the text. The string of DO and CREATE is code. */
function callsSetConfig(word: string, text: string): boolean {
  return word === 'do' || word === 'create' || setConfig.test(withoutStrings(text))
}

/** @throws STATEMENT_REFUSED */
export function refused(what: string): WatertightError {
  return new WatertightError(
    'STATEMENT_REFUSED',
    `${what} as sent here would change the session, or the transaction that the scope keeps`,
    {
      object: what,
      hint: 'Begin, commit and nest transactions through the ORM or tx.run(); no session state.',
    },
  )
}

const firstWord = /^[\s;(]*([a-z]+)/i

function wordAt(text: string): string {
  const word = firstWord.exec(text) ?? firstWord.exec(withoutComments(text))
  return word?.[1]?.toLowerCase() ?? ''
}

/** Without comments, in single spaces and without what may stand around a statement. */
function normalised(text: string): string {
  const spaced = withoutComments(text).replaceAll(/[\s\uFEFF]+/g, ' ')
  const bare = spaced.replace(/^[ ;]+/, '').replace(/[ ;]+$/, '')
  // Quoted names keep their case; everything else folds as PostgreSQL folds it.
  return bare.replaceAll(/"(?:[^"]|"")*"|[^"]+/g, (part) =>
    part.startsWith('"') ? part : part.toLowerCase(),
  )
}

const outside = /--[^\n\r]*|\/\*|"(?:[^"]|"")*"|'(?:[^']|'')*'|[^]/y
const inside = /\/\*|\*\/|[^]/y

/** Comments become a space; block comments nest (manual, section 4.1.5). */
function withoutComments(text: string): string {
  let bare = ''
  let depth = 0
  for (let at = 0; at < text.length;) {
    const tokens = depth > 0 ? inside : outside
    tokens.lastIndex = at
    const token = tokens.exec(text)?.[0] ?? ''
    at += token.length
    if (token === '/*') depth += 1
    else if (depth > 0) depth -= token === '*/' ? 1 : 0
    else if (!token.startsWith('--')) bare += token
    if (token === '/*' || token.startsWith('--')) bare += ' '
  }
  return bare
}

function begin(match: RegExpExecArray | null): StatementControl | null {
  const modes = match === null ? null : modesOf(match[1])
  return modes === null ? null : { kind: 'begin', modes }
}

function end(kind: 'commit' | 'rollback', matches: boolean): StatementControl | null {
  return matches ? { kind } : null
}

function rollback(text: string): StatementControl | null {
  const to = /^rollback(?: work| transaction)? to(?: savepoint)? (.+)$/.exec(text)
  if (to !== null) return named('rollback-to', to)
  return end('rollback', /^rollback(?: work| transaction)?(?: and no chain)?$/.test(text))
}

function named(
  kind: 'savepoint' | 'release' | 'rollback-to',
  match: RegExpExecArray | null,
): StatementControl | null {
  const name = match?.[1]
  if (name === undefined) return null
  if (/^[a-z_][a-z0-9_$]*$/.test(name)) return { kind, name }
  if (!/^"(?:[^"]|"")+"$/.test(name)) return null
  return { kind, name: name.slice(1, -1).replaceAll('""', '"') }
}

const localSetting =
  /^set local (?:statement_timeout|lock_timeout|idle_in_transaction_session_timeout|work_mem) ?(?:=|to) ?(?:\d+|'[\w ]+'|default)$/

function set(text: string): StatementControl | null {
  const transaction = /^set transaction (.+)$/.exec(text)
  if (transaction !== null) {
    const modes = modesOf(transaction[1])
    return modes === null ? null : { kind: 'set-transaction', modes }
  }
  return localSetting.test(text) || text.startsWith('set constraints ') ? transactionLocal : null
}

const levels: Readonly<Record<string, IsolationLevel>> = {
  // PostgreSQL has no dirty reads (manual, section 13.2).
  'read uncommitted': 'read committed',
  'read committed': 'read committed',
  'repeatable read': 'repeatable read',
  serializable: 'serializable',
}

const mode =
  /^,? ?(?:isolation level (read uncommitted|read committed|repeatable read|serializable)|read (only|write)|not deferrable)(?=[ ,]|$) ?/

/** The modes of BEGIN and SET TRANSACTION, or null when the text holds anything else. */
function modesOf(text: string | undefined): TransactionModes | null {
  let rest = text ?? ''
  let modes: TransactionModes = {}
  while (rest !== '') {
    const match = mode.exec(rest)
    if (match === null) return null
    const isolationLevel = levels[match[1] ?? '']
    if (isolationLevel !== undefined) modes = { ...modes, isolationLevel }
    if (match[2] !== undefined) modes = { ...modes, readOnly: match[2] === 'only' }
    rest = rest.slice(match[0].length)
  }
  return modes
}
