import { tokenize } from './tokens.js'
import type { Token } from './tokens.js'

/** `true`, `(true)`: a condition that every row meets, as PostgreSQL prints it. */
export function isLiterallyTrue(expression: string): boolean {
  const words = tokenize(expression).filter((token) => token.text !== '(' && token.text !== ')')
  return words.length === 1 && words[0]?.text === 'true' && !words[0].quoted
}

/** `false`: a condition that no row meets. */
export function isLiterallyFalse(expression: string): boolean {
  const words = tokenize(expression).filter((token) => token.text !== '(' && token.text !== ')')
  return words.length === 1 && words[0]?.text === 'false' && !words[0].quoted
}

/** Every name in the text that is followed by an opening parenthesis, without its schema. */
export function calledFunctions(tokens: readonly Token[]): readonly string[] {
  const called: string[] = []
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'name' && tokens[index + 1]?.text === '(') called.push(token.text)
  }
  return called
}

/** The text mentions one of these identifiers. */
export function mentionsName(tokens: readonly Token[], names: ReadonlySet<string>): boolean {
  return tokens.some((token) => token.kind === 'name' && names.has(token.text))
}

/** Setting names read by `current_setting('name'…)`, in lower case: the server does not mind theirs. */
export function settingsRead(tokens: readonly Token[]): readonly string[] {
  const read: string[] = []
  for (const [index, token] of tokens.entries()) {
    if (token.text !== 'current_setting' || tokens[index + 1]?.text !== '(') continue
    const argument = tokens[index + 2]
    if (argument?.kind === 'string') read.push(argument.text.toLowerCase())
  }
  return read
}

/** The text has a sub-select. */
export function hasSubselect(tokens: readonly Token[]): boolean {
  return tokens.some((token) => token.kind === 'name' && !token.quoted && token.text === 'select')
}
