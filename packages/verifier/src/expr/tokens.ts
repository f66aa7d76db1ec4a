/** One lexical token of an expression as PostgreSQL prints it. */
export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'symbol'
  /** Bare text: identifiers unquoted, strings without their quotes. */
  readonly text: string
  /** An identifier that was written in double quotes is never a keyword. */
  readonly quoted: boolean
}

const pattern =
  /"((?:[^"]|"")+)"|[eE]?'((?:[^']|'')*)'|\$([A-Za-z_]*)\$[\s\S]*?\$\3\$|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(\d+(?:\.\d+)?)|--[^\n]*|\/\*[\s\S]*?\*\/|(::|<>|<=|>=|!=|\|\||->>|->|[^\s])/g

/** Every rule reads the same policies and functions; texts of one database fit many times over. */
const known = new Map<string, readonly Token[]>()
const mostCharacters = 4_000_000
let characters = 0

/**
 * Splits an expression or function body into tokens. Lexical only: enough to say that a text
 * mentions a column, a setting or a function, never enough to prove what it means.
 */
export function tokenize(text: string): readonly Token[] {
  const found = known.get(text)
  if (found !== undefined) return found
  const tokens = split(text)
  characters += text.length
  if (characters > mostCharacters) {
    known.clear()
    characters = text.length
  }
  known.set(text, tokens)
  return tokens
}

function split(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (const match of text.matchAll(pattern)) {
    const [, quoted, string, , word, number, symbol] = match
    if (quoted !== undefined) {
      tokens.push({ kind: 'name', text: quoted.replaceAll('""', '"'), quoted: true })
    } else if (string !== undefined) {
      tokens.push({ kind: 'string', text: string.replaceAll("''", "'"), quoted: true })
    } else if (word !== undefined) {
      tokens.push({ kind: 'name', text: word.toLowerCase(), quoted: false })
    } else if (number !== undefined) {
      tokens.push({ kind: 'number', text: number, quoted: false })
    } else if (symbol !== undefined) {
      tokens.push({ kind: 'symbol', text: symbol, quoted: false })
    }
  }
  return tokens
}
