import { quoteIdentifier, quoteLiteral } from './quote.js'

declare const sqlBrand: unique symbol

/** SQL text made by this module. The only type whose text may be joined into other SQL. */
export interface Sql {
  readonly kind: 'sql'
  readonly text: string
  readonly [sqlBrand]: true
}

function make(text: string): Sql {
  return Object.freeze({ kind: 'sql', text }) as Sql
}

/**
 * Template tag that joins {@link Sql} fragments. Plain strings do not type-check as parts, so a
 * name or value cannot be interpolated unquoted.
 *
 * @example
 * ```ts
 * sql`alter table ${qualifiedName('app', 'User')} enable row level security`.text
 * // alter table app."User" enable row level security
 * ```
 */
export function sql(strings: TemplateStringsArray, ...parts: readonly Sql[]): Sql {
  let text = strings[0] ?? ''
  for (const [index, part] of parts.entries()) text += part.text + (strings[index + 1] ?? '')
  return make(text)
}

/**
 * A quoted identifier.
 *
 * @throws INVALID_IDENTIFIER when `name` is empty, has a NUL, or is longer than 63 bytes, which
 * PostgreSQL would truncate silently.
 */
export function ident(name: string): Sql {
  return make(quoteIdentifier(name))
}

/**
 * A schema-qualified name, both parts quoted.
 *
 * @throws INVALID_IDENTIFIER as {@link ident}.
 */
export function qualifiedName(schema: string, name: string): Sql {
  return make(`${quoteIdentifier(schema)}.${quoteIdentifier(name)}`)
}

/** A quoted string literal, right under any `standard_conforming_strings`. */
export function literal(value: string): Sql {
  return make(quoteLiteral(value))
}

/**
 * A dollar-quoted string constant (manual, section 4.1.2.4) under a tag that the body does not
 * contain, for function bodies that people read.
 */
export function dollarQuoted(body: Sql): Sql {
  let tag = 'watertight'
  while (body.text.includes(`$${tag}`)) tag += '_'
  return make(`$${tag}$${body.text}$${tag}$`)
}

/** An integer literal. Throws a RangeError for anything but a safe integer. */
export function integer(value: number): Sql {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a safe integer: ${value}`)
  return make(String(value))
}

/** Fragments joined by `separator`, by default a comma. */
export function joinSql(parts: readonly Sql[], separator = ', '): Sql {
  return make(parts.map((part) => part.text).join(separator))
}

/** The empty fragment, for optional clauses. */
export const emptySql: Sql = make('')

/**
 * Marks text that PostgreSQL itself printed (`pg_get_expr`, `pg_get_constraintdef`, `format_type`,
 * ...) or that a person declared as SQL in the model (`public.where`) as SQL.
 *
 * INVARIANT: never called with a name, a value or anything a tenant can influence.
 */
export function trustedSql(text: string): Sql {
  return make(text)
}
