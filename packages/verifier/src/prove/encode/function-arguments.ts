import type { FunctionInfo } from 'watertight/catalog'
import { parseArgumentDefaults } from '../../expr/index.js'
import type { Expr } from '../../expr/index.js'
import { oncePer } from '../../graph/once-per.js'

export interface Argument {
  readonly name: string | null
  readonly type: string
  /** What a call that leaves it out passes; null for an argument that must be given. */
  readonly otherwise: Expr | null
}

/**
 * The arguments of a function from `pg_get_function_identity_arguments()`, which prints
 * `name type, name type`; undefined when one of them is not a plain input.
 */
export const argumentsOf: (fn: FunctionInfo) => readonly Argument[] | undefined = oncePer((fn) => {
  const printed = printedArguments(fn)
  const defaults = defaultsOf(fn)
  return printed?.map((argument, index) => ({ ...argument, otherwise: defaults[index] ?? null }))
})

function defaultsOf(fn: FunctionInfo): readonly (Expr | null)[] {
  if (!/\bDEFAULT\b/i.test(fn.arguments)) return []
  try {
    return parseArgumentDefaults(fn.arguments)
  } catch {
    return []
  }
}

function printedArguments(fn: FunctionInfo): Omit<Argument, 'otherwise'>[] | undefined {
  if (fn.identityArguments === '') return []
  const found: Omit<Argument, 'otherwise'>[] = []
  for (const part of fn.identityArguments.split(/,(?![^(]*\))/)) {
    const words = part.trim()
    if (/^(OUT|INOUT|VARIADIC)\s/.test(words)) return undefined
    const match = /^("(?:[^"]|"")+"|[a-z_][\w$]*)\s+(.+)$/.exec(words)
    const isBare = match === null || multiWord.test(words)
    if (isBare) found.push({ name: null, type: words })
    else found.push({ name: unquoted(match[1] ?? ''), type: match[2] ?? '' })
  }
  return found
}

/** Types of several words would pass for a name and a type. */
const multiWord =
  /^(double precision|character varying|bit varying|time(stamp)? with(out)? time zone)(\(\d+\))?(\[\])*$/

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}
