/** A piece of SQL text as far as splitting it needs to know. */
export interface SqlToken {
  readonly kind: 'word' | 'semicolon' | 'open' | 'close' | 'other' | 'quoted' | 'comment' | 'meta'
  readonly start: number
  readonly end: number
}

const wordStart = /[A-Za-z_\u0080-\uffff]/
const wordPart = /[\w$\u0080-\uffff]/

/**
 * The next token at `start`, spaces skipped; null at the end of the text. Follows the lexical rules
 * of PostgreSQL (manual, section 4.1): nested comments, dollar quotes, `E''` strings.
 */
export function nextToken(text: string, start: number, isStatementStart: boolean): SqlToken | null {
  let at = start
  while (at < text.length && /\s/.test(text[at] ?? '')) at += 1
  if (at >= text.length) return null
  const make = (kind: SqlToken['kind'], end: number): SqlToken => ({ kind, start: at, end })
  const letter = text[at] ?? ''
  const pair = text.slice(at, at + 2)
  if (pair === '--') return make('comment', endOfLine(text, at))
  if (pair === '/*') return make('comment', endOfBlockComment(text, at))
  if (letter === "'") return make('quoted', endOfQuotes(text, at, "'", false))
  if (letter === '"') return make('quoted', endOfQuotes(text, at, '"', false))
  if (letter === '$') return make('quoted', endOfDollarQuotes(text, at) ?? at + 1)
  if (letter === ';') return make('semicolon', at + 1)
  if (letter === '(' || letter === '[') return make('open', at + 1)
  if (letter === ')' || letter === ']') return make('close', at + 1)
  // psql's own commands; inside a statement a backslash is an operator's business.
  if (letter === '\\' && isStatementStart) return make('meta', endOfLine(text, at))
  if (!wordStart.test(letter)) return make('other', at + 1)
  if (/^[eE]'/.test(pair)) return make('quoted', endOfQuotes(text, at + 1, "'", true))
  let end = at + 1
  while (end < text.length && wordPart.test(text[end] ?? '')) end += 1
  return make('word', end)
}

/** The index of the line break that ends the line, or of the end of the text. */
export function endOfLine(text: string, at: number): number {
  const found = text.indexOf('\n', at)
  return found === -1 ? text.length : found
}

function endOfBlockComment(text: string, start: number): number {
  let depth = 0
  const marks = /\/\*|\*\//g
  marks.lastIndex = start
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return text.length
}

function endOfQuotes(text: string, start: number, quote: string, hasEscapes: boolean): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (hasEscapes && text[at] === '\\') at += 1
    else if (text[at] === quote) {
      if (text[at + 1] !== quote) return at + 1
      at += 1
    }
  }
  return text.length
}

function endOfDollarQuotes(text: string, start: number): number | null {
  const opening = /^\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/.exec(
    text.slice(start, start + 130),
  )
  if (opening === null) return null
  const [tag] = opening
  const closing = text.indexOf(tag, start + tag.length)
  return closing === -1 ? text.length : closing + tag.length
}
