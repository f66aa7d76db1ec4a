import { joinSql, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Call, Expr } from '../ir/expr.js'

type Arguments = readonly Expr[]
/** The text of a call, or null when the arguments do not fit the syntax. */
type Form = (args: Arguments, operand: (expr: Expr) => Sql) => Sql | null

const normalForms = new Set(['NFC', 'NFD', 'NFKC', 'NFKD'])

const forms: Readonly<Record<string, Form>> = {
  btrim: trim(sql`BOTH`),
  extract: ([field, source, ...rest], operand) =>
    field?.kind === 'literal' && field.type === 'string' && source !== undefined && none(rest)
      ? sql`EXTRACT(${operand(field)} FROM ${operand(source)})`
      : null,
  is_normalized: ([value, form, ...rest], operand) => {
    const name = normalForm(form)
    return value === undefined || name === null || !none(rest)
      ? null
      : sql`${operand(value)} IS ${joinSql([...name, sql`NORMALIZED`], ' ')}`
  },
  ltrim: trim(sql`LEADING`),
  normalize: ([value, form, ...rest], operand) => {
    const name = normalForm(form)
    return value === undefined || name === null || !none(rest)
      ? null
      : sql`NORMALIZE(${joinSql([operand(value), ...name])})`
  },
  overlaps: ([a, b, c, d, ...rest], operand) =>
    a === undefined || b === undefined || c === undefined || d === undefined || !none(rest)
      ? null
      : sql`(${operand(a)}, ${operand(b)}) OVERLAPS (${operand(c)}, ${operand(d)})`,
  overlay: ([value, by, from, length, ...rest], operand) =>
    value === undefined || by === undefined || from === undefined || !none(rest)
      ? null
      : sql`OVERLAY(${operand(value)} PLACING ${operand(by)} FROM ${operand(from)}${optional(sql` FOR `, length, operand)})`,
  pg_collation_for: ([value, ...rest], operand) =>
    value === undefined || !none(rest) ? null : sql`COLLATION FOR (${operand(value)})`,
  position: ([value, part, ...rest], operand) =>
    value === undefined || part === undefined || !none(rest)
      ? null
      : sql`POSITION(${operand(part)} IN ${operand(value)})`,
  rtrim: trim(sql`TRAILING`),
  substring: ([value, from, length, ...rest], operand) =>
    value === undefined || from === undefined || !none(rest)
      ? null
      : sql`SUBSTRING(${operand(value)} FROM ${operand(from)}${optional(sql` FOR `, length, operand)})`,
  system_user: (args) => (none(args) ? sql`SYSTEM_USER` : null),
  timezone: ([first, second, ...rest], operand) => {
    if (first === undefined || !none(rest)) return null
    if (second === undefined) return sql`${operand(first)} AT LOCAL`
    return sql`${operand(second)} AT TIME ZONE ${operand(first)}`
  },
}

/** Whether {@link printStandardSyntax} has a text for a call. */
export function hasStandardSyntax(call: Call): boolean {
  return printStandardSyntax(call, () => sql``) !== null
}

/** The text of a call in the syntax of the standard, else null. */
export function printStandardSyntax(call: Call, operand: (expr: Expr) => Sql): Sql | null {
  const { schema, name } = call.function
  if (schema !== 'pg_catalog' || call.variadic || call.aggregate !== null) return null
  if (call.args.some((argument) => argument.name !== null) || !Object.hasOwn(forms, name)) {
    return null
  }
  return (
    forms[name]?.(
      call.args.map(({ value }) => value),
      operand,
    ) ?? null
  )
}

function trim(side: Sql): Form {
  return ([value, characters, ...rest], operand) => {
    if (value === undefined || !none(rest)) return null
    if (characters === undefined) return sql`TRIM(${side} FROM ${operand(value)})`
    return sql`TRIM(${side} ${operand(characters)} FROM ${operand(value)})`
  }
}

/** The name of a Unicode normal form, nothing when there is none, null when it is not a name. */
function normalForm(expr: Expr | undefined): readonly Sql[] | null {
  if (expr === undefined) return []
  const isName = expr.kind === 'literal' && expr.type === 'string' && normalForms.has(expr.value)
  return isName ? [trustedSql(expr.value)] : null
}

function optional(before: Sql, expr: Expr | undefined, operand: (expr: Expr) => Sql): Sql {
  return expr === undefined ? sql`` : sql`${before}${operand(expr)}`
}

function none(rest: Arguments): boolean {
  return rest.length === 0
}
