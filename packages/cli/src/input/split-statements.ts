import { endOfLine, nextToken } from './sql-scanner.js'

/** One unit of a SQL script. */
export type ScriptPart = StatementPart | MetaPart

/** A statement, with the data that follows a `COPY ... FROM stdin`. */
export interface StatementPart {
  readonly kind: 'statement'
  readonly text: string
  /** Index of the first character in the script. */
  readonly start: number
  /** Lower-case words the statement starts with, at most eight. */
  readonly words: readonly string[]
  /** Rows for `COPY ... FROM stdin` without the closing `\.`; null for other statements. */
  readonly copyData: string | null
}

/** A command of psql: a line that starts with a backslash. */
export interface MetaPart {
  readonly kind: 'meta'
  readonly text: string
  readonly start: number
}

const keptWords = 8

/**
 * Splits a script into statements the way psql does: semicolons inside quotes, comments, parentheses
 * and `BEGIN ATOMIC ... END` bodies do not end one. Comments before a statement are left out.
 *
 * @example
 * ```ts
 * [...splitStatements("select ';'; select 2")].length // 2
 * ```
 */
export function* splitStatements(script: string): Generator<ScriptPart> {
  let at = 0
  while (at < script.length) {
    const found = nextPart(script, at)
    if (found === null) return
    at = found.end
    if (found.part !== null) yield found.part
  }
}

interface FoundPart {
  readonly part: ScriptPart | null
  readonly end: number
}

function nextPart(script: string, from: number): FoundPart | null {
  let start = -1
  let end = from
  let parentheses = 0
  const words: string[] = []
  const body = new AtomicBody()
  for (let at = from; ;) {
    const token = nextToken(script, at, start === -1)
    if (token === null) break
    at = token.end
    if (token.kind === 'comment') continue
    if (token.kind === 'meta') {
      const text = script.slice(token.start, token.end).trimEnd()
      return { part: { kind: 'meta', text, start: token.start }, end: at }
    }
    const isEnd = token.kind === 'semicolon' && parentheses === 0 && !body.isOpen
    if (isEnd && start === -1) return { part: null, end: at }
    if (isEnd) return statement(script, start, at, words)
    if (start === -1) start = token.start
    end = at
    if (token.kind === 'open') parentheses += 1
    if (token.kind === 'close') parentheses = Math.max(0, parentheses - 1)
    if (token.kind === 'word') {
      const word = script.slice(token.start, token.end).toLowerCase()
      if (words.length < keptWords) words.push(word)
      body.read(word, words)
    }
  }
  return start === -1 ? null : statement(script, start, end, words)
}

function statement(
  script: string,
  start: number,
  end: number,
  words: readonly string[],
): FoundPart {
  const text = script.slice(start, end).replace(/;$/, '')
  const part = { kind: 'statement', text, start, words } as const
  const readsData = words[0] === 'copy' && /\bfrom\s+stdin\b/i.test(text)
  if (!readsData) return { part: { ...part, copyData: null }, end }
  const dataStart = Math.min(script.length, endOfLine(script, end) + 1)
  const closing = /^\\\.[ \t\r]*$/m
  const found = closing.exec(script.slice(dataStart))
  const dataEnd = found === null ? script.length : dataStart + found.index
  const copyData = script.slice(dataStart, dataEnd)
  return {
    part: { ...part, copyData },
    end: found === null ? script.length : dataEnd + found[0].length,
  }
}

/** Tells whether the words so far are inside the body of a SQL-standard function. */
class AtomicBody {
  #depth = 0

  get isOpen(): boolean {
    return this.#depth > 0
  }

  read(word: string, words: readonly string[]): void {
    const isRoutine =
      words[0] === 'create' && words.some((each) => each === 'function' || each === 'procedure')
    if (!isRoutine) return
    if (word === 'begin') this.#depth += 1
    else if (word === 'case' && this.isOpen) this.#depth += 1
    else if (word === 'end' && this.isOpen) this.#depth -= 1
  }
}
