import type { CatalogSnapshot, FunctionInfo, Relation } from 'watertight/catalog'
import { tokenize } from '../../expr/tokens.js'
import type { Token } from '../../expr/tokens.js'

/** Where a value of the context comes from. */
export interface ContextSourceText {
  readonly setting: string
  /** JSON pointer into the setting; null when the setting is the value itself. */
  readonly pointer: string | null
}

/** A policy compares a column with the context, directly or through a membership table. */
export interface Comparison {
  readonly relation: Relation
  readonly column: string
  readonly source: ContextSourceText
  /** The membership sub-select that stands between; null for a direct comparison. */
  readonly via: { readonly table: string; readonly user: string; readonly tenant: string } | null
}

/** Every comparison of a column with the context that policies make. Lexical, so a hint only. */
export function comparisons(catalog: CatalogSnapshot): readonly Comparison[] {
  const helpers = helperSources(catalog.functions)
  return catalog.relations.flatMap((relation) =>
    relation.policies
      .flatMap((policy) => [policy.using, policy.withCheck])
      .filter((expression) => expression !== null)
      .flatMap((expression) => inExpression(relation, tokenize(expression), helpers)),
  )
}

/** Functions without arguments that return a value of the context. */
function helperSources(functions: readonly FunctionInfo[]): ReadonlyMap<string, ContextSourceText> {
  const found = new Map<string, ContextSourceText>()
  for (const fn of functions) {
    if (fn.identityArguments !== '' || fn.kind !== 'function') continue
    const tokens = tokenize(fn.body)
    const sources = tokens.flatMap((_, index) => sourceAt(tokens, index, new Map()) ?? [])
    const best = sources.find((source) => source.pointer !== null) ?? sources[0]
    if (best !== undefined) found.set(fn.name, best)
  }
  return found
}

function inExpression(
  relation: Relation,
  tokens: readonly Token[],
  helpers: ReadonlyMap<string, ContextSourceText>,
): Comparison[] {
  const columns = new Set(relation.columns.map((column) => column.name))
  const found: Comparison[] = []
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'name' || !columns.has(token.text)) continue
    const rest = tokens.slice(index + 1)
    const operator = rest.find((next) => next.text !== ')')
    if (operator?.text === 'in') {
      const member = membership(rest, helpers)
      if (member !== null) found.push({ relation, column: token.text, ...member })
    } else if (operator?.text === '=') {
      const source = firstSource(rest, helpers, 24)
      if (source !== null) found.push({ relation, column: token.text, source, via: null })
    }
  }
  return found
}

/** `in (select m.tenant from m where m.user = …)`, as PostgreSQL prints it. */
function membership(
  tokens: readonly Token[],
  helpers: ReadonlyMap<string, ContextSourceText>,
): Pick<Comparison, 'source' | 'via'> | null {
  const from = tokens.findIndex((token) => token.text === 'from')
  const where = tokens.findIndex((token) => token.text === 'where')
  const source = firstSource(tokens, helpers, 48)
  if (from < 0 || where < from || source === null) return null
  const tenant = tokens.slice(0, from).findLast((token) => token.kind === 'name')
  const named = tokens.slice(from + 1, where).filter((token) => token.text !== '(')
  const table = named[1]?.text === '.' ? named[2] : named[0]
  const condition = tokens.slice(where + 1)
  const equals = condition.findIndex((token) => token.text === '=')
  const user = condition.slice(0, equals).findLast((token) => token.kind === 'name')
  if (tenant === undefined || table === undefined || user === undefined) return null
  return { source, via: { table: table.text, user: user.text, tenant: tenant.text } }
}

/** The next source, unless another column comparison comes first. */
function firstSource(
  tokens: readonly Token[],
  helpers: ReadonlyMap<string, ContextSourceText>,
  within: number,
): ContextSourceText | null {
  for (const index of tokens.slice(0, within).keys()) {
    if (['and', 'or'].includes(tokens[index]?.text ?? '')) return null
    const source = sourceAt(tokens, index, helpers)
    if (source !== null) return source
  }
  return null
}

function sourceAt(
  tokens: readonly Token[],
  index: number,
  helpers: ReadonlyMap<string, ContextSourceText>,
): ContextSourceText | null {
  const token = tokens[index]
  if (token?.kind !== 'name' || tokens[index + 1]?.text !== '(') return null
  if (token.text !== 'current_setting') return helpers.get(token.text) ?? null
  const argument = tokens[index + 2]
  if (argument?.kind !== 'string') return null
  return { setting: argument.text, pointer: pointerAfter(tokens.slice(index + 3, index + 32)) }
}

/** The JSON path that is taken out of a setting: `-> 'a' ->> 'b'` or `#>> '{a,b}'`. */
function pointerAfter(tokens: readonly Token[]): string | null {
  const parts: string[] = []
  for (const [index, token] of tokens.entries()) {
    if (['=', 'and', 'or', 'select'].includes(token.text)) break
    const next = tokens[index + 1]
    if ((token.text === '->' || token.text === '->>') && next?.kind === 'string') {
      parts.push(next.text)
    }
    if (token.text === '#' && next?.text === '>' && tokens[index + 3]?.kind === 'string') {
      parts.push(...(tokens[index + 3]?.text.replace(/[{}"]/g, '').split(',') ?? []))
    }
  }
  if (parts.length === 0) return null
  return parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
