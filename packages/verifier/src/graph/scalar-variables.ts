import type { FunctionInfo } from 'watertight/catalog'
import { WatertightError } from 'watertight/errors'
import { ident, literal, qualifiedName, sql, trustedSql } from 'watertight/sql'
import { parsePlpgsqlTree, scanTokens } from '../expr/parser/parser.js'

const maxVariables = 32

/**
 * The tree of a PL/pgSQL body for what its statements say, whatever the types of its variables are.
 * The parser knows no types of the database and takes a variable of an enum or a domain for a record,
 * into which it refuses to select a single column: such a variable is read as one of text.
 *
 * @throws UNPARSABLE_SQL, PARSER_NOT_LOADED
 */
export function statementTree(fn: FunctionInfo): unknown {
  const returns = fn.returns === '' || fn.kind === 'procedure' ? 'void' : fn.returns
  const name = qualifiedName(fn.schema, fn.name)
  const parse = (body: string): unknown =>
    parsePlpgsqlTree(
      sql`create function ${name}(${trustedSql(fn.identityArguments)}) returns ${trustedSql(returns)} language ${ident('plpgsql')} as ${literal(body)}`
        .text,
    )
  let { body } = fn
  for (let left = maxVariables; ; left -= 1) {
    try {
      return parse(body)
    } catch (error) {
      const variable = takenForRecord(error)
      const next = variable === null || left === 0 ? body : withText(body, variable)
      if (next === body) throw error
      body = next
    }
  }
}

function takenForRecord(error: unknown): string | null {
  if (!(error instanceof WatertightError) || error.code !== 'UNPARSABLE_SQL') return null
  const reason = error.cause instanceof Error ? error.cause.message : ''
  return /^"(.+)" is not a scalar variable$/s.exec(reason)?.[1] ?? null
}

/** The body with `text` as the type of a variable, where it is declared as one of a named type. */
function withText(body: string, variable: string): string {
  const bytes = Buffer.from(body)
  const tokens = scanTokens(body).filter(({ text }) => !/^(?:--|\/\*)/.test(text))
  const isName = (index: number): boolean => tokens[index]?.tokenName === 'IDENT'
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1]?.text.toLowerCase()
    const isDeclared = before === 'declare' || before === ';'
    if (!isDeclared || bare(token.text) !== variable || !isName(index + 1)) continue
    let end = index + 1
    while (tokens[end + 1]?.text === '.' && isName(end + 2)) end += 2
    const from = tokens[index + 1]?.start ?? 0
    const to = tokens[end]?.end ?? 0
    // A statement cannot start with two names; what it is then is no declaration.
    if (![';', ':=', '='].includes(tokens[end + 1]?.text ?? '')) continue
    const start = bytes.subarray(0, from).toString()
    return `${start}text${bytes.subarray(to).toString()}`
  }
  return body
}

function bare(written: string): string {
  return written.startsWith('"')
    ? written.slice(1, -1).replaceAll('""', '"')
    : written.toLowerCase()
}
