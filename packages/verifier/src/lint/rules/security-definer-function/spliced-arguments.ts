import type { FunctionInfo } from 'watertight/catalog'
import { tokenize } from '../../../expr/tokens.js'
import type { Token } from '../../../expr/tokens.js'

const quoting: ReadonlySet<string> = new Set([
  'quote_ident',
  'quote_literal',
  'quote_nullable',
  'length',
  'char_length',
])
const holdsText = /\b(text|varchar|character|char|citext|name|json|jsonb|xml|record|anyelement)\b/i

/**
 * Text arguments that a PL/pgSQL body puts into the SQL of an EXECUTE without quoting them, itself or
 * through a variable. Arguments of other types cannot hold SQL; those after USING are values.
 */
export function splicedArguments(fn: FunctionInfo): readonly string[] {
  if (fn.language !== 'plpgsql') return []
  const statements = split(tokenize(fn.body))
  const origin = new Map(textArguments(fn).map((name) => [name, name]))
  for (let before = -1; before !== origin.size;) {
    before = origin.size
    for (const statement of statements) {
      const at = statement.findIndex(
        (token, index) => token.text === ':' && statement[index + 1]?.text === '=',
      )
      const variable = at > 0 ? statement[at - 1] : undefined
      if (variable?.kind !== 'name' || origin.has(variable.text)) continue
      const [from] = rawNames(statement.slice(at + 2), origin)
      if (from !== undefined) origin.set(variable.text, from)
    }
  }
  const found = statements.flatMap((statement) => {
    const at = statement.findIndex(
      ({ kind, quoted, text }) => kind === 'name' && !quoted && text === 'execute',
    )
    return at < 0 ? [] : rawNames(untilUsing(statement.slice(at + 1)), origin)
  })
  return [...new Set(found)]
}

/** Names of the arguments whose type can hold SQL, and `$n` is not among them: plpgsql reads it alike. */
function textArguments(fn: FunctionInfo): readonly string[] {
  return fn.identityArguments.split(/,(?![^(]*\))/).flatMap((argument) => {
    const [name, ...type] = argument
      .trim()
      .replace(/^(IN|INOUT|VARIADIC)\s+/, '')
      .split(/\s+/)
    const bare = name?.replace(/^"(.*)"$/, '$1')
    return bare !== undefined && holdsText.test(type.join(' ')) ? [bare.toLowerCase()] : []
  })
}

function split(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const statements: Token[][] = [[]]
  for (const token of tokens) {
    if (token.kind === 'symbol' && token.text === ';') statements.push([])
    else statements.at(-1)?.push(token)
  }
  return statements
}

function untilUsing(tokens: readonly Token[]): readonly Token[] {
  let depth = 0
  for (const [index, token] of tokens.entries()) {
    if (token.text === '(' && token.kind === 'symbol') depth += 1
    if (token.text === ')' && token.kind === 'symbol') depth -= 1
    if (depth === 0 && token.kind === 'name' && token.text === 'using')
      return tokens.slice(0, index)
  }
  return tokens
}

interface Frame {
  readonly call: string
  /** Commas passed so far. */
  position: number
  template: string | null
}

/** Arguments that reach the value of the expression as they are. */
function rawNames(
  tokens: readonly Token[],
  origin: ReadonlyMap<string, string>,
): readonly string[] {
  const open: Frame[] = []
  const found: string[] = []
  for (const [index, token] of tokens.entries()) {
    const frame = open.at(-1)
    if (token.kind === 'symbol') {
      const before = tokens[index - 1]
      if (token.text === '(') {
        open.push({ call: before?.kind === 'name' ? before.text : '', position: 0, template: null })
      } else if (token.text === ')') open.pop()
      else if (token.text === ',' && frame !== undefined) frame.position += 1
    } else if (token.kind === 'string') {
      if (frame?.call === 'format' && frame.position === 0) frame.template ??= token.text
    } else if (token.kind === 'name') {
      const from = origin.get(token.text)
      const isCall = tokens[index + 1]?.text === '('
      if (from !== undefined && !isCall && !open.some((outer) => isQuoted(outer))) found.push(from)
    }
  }
  return found
}

function isQuoted(frame: Frame): boolean {
  if (quoting.has(frame.call)) return true
  if (frame.call !== 'format' || frame.position === 0) return false
  // A template that is not a plain string cannot be judged.
  if (frame.template === null) return true
  return specOf(frame.template, frame.position) !== 's'
}

/** The conversion that `format()` applies to its n-th argument; `%s` is the one that does not quote. */
function specOf(template: string, position: number): string | null {
  let next = 1
  let found: string | null = null
  for (const [, explicit, kind] of template.matchAll(/%(?:(\d+)\$)?-?\d*([sIL%])/g)) {
    if (kind === '%' || kind === undefined) continue
    const at = explicit === undefined ? next : Number(explicit)
    next = at + 1
    if (at === position && found !== 's') found = kind
  }
  return found
}
