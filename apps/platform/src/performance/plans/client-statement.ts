import { trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'

const comment = String.raw`--[^\n\r]*|/\*(?:[^*]|\*(?!/))*\*/`
const command = new RegExp(
  String.raw`^(?:\s|\(|${comment})*(?:select|insert|update|delete|with)\b`,
  'i',
)

/**
 * True for a text of `pg_stat_statements` that PostgreSQL plans as one statement.
 *
 * SECURITY: a text with a semicolon anywhere but at its end is refused, also where that stands in a
 * comment or a name, so that nothing can follow what is planned, however strings are read.
 */
export function isOneStatement(text: string): boolean {
  return command.test(text) && !withoutEnd(text).includes(';')
}

/** The parameters that a column is compared with for equality, in either order and through casts. */
export function parametersOf(text: string, column: string): readonly number[] {
  const name = String.raw`(?<![\w$])"?${column}"?(?![\w$])`
  const after = new RegExp(String.raw`${name}\s*=\s*\(*\s*\$(\d+)`, 'gi')
  const before = new RegExp(
    String.raw`\$(\d+)\s*\)*(?:\s*::\s*\w+\s*\)*)*\s*=\s*(?:[\w"]+\.)*${name}`,
    'gi',
  )
  const found = [after, before].flatMap((pattern) => [...text.matchAll(pattern)])
  return [...new Set(found.map(([, number]) => Number(number)))]
}

/** The statement, without its end, with the parameters of some numbers written out. */
export function withValue(text: string, parameters: readonly number[], value: Sql): Sql {
  const written = withoutEnd(text).replaceAll(/(?<![\w$])\$(\d+)/g, (parameter, number) =>
    parameters.includes(Number(number)) ? value.text : parameter,
  )
  // One statement of the application's own, as the extension has normalised it.
  return trustedSql(written)
}

function withoutEnd(text: string): string {
  return text.replace(/[\s;]+$/, '')
}
