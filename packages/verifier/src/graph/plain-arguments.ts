import type { FunctionInfo } from 'watertight/catalog'
import { WatertightError } from 'watertight/errors'
import { sql, trustedSql } from 'watertight/sql'
import { isNode, kindOf, listOf, textOf } from '../expr/function-body/plpgsql-tree.js'
import { parseStatements } from '../expr/parser/parser.js'

/** An argument that a caller gives. */
export interface PlainArgument {
  /** Empty when it has none. */
  readonly name: string
  /** The name of its type without the schema; empty for an array. */
  readonly type: string
}

/**
 * The arguments of a function in order; undefined when one is not a plain input.
 *
 * @throws PARSER_NOT_LOADED
 */
export function plainArguments(fn: FunctionInfo): readonly PlainArgument[] | undefined {
  const create = sql`create function f(${trustedSql(fn.identityArguments)}) returns int language sql as ''`
  const parameters = parametersOf(create.text)
  const found: PlainArgument[] = []
  for (const parameter of parameters ?? []) {
    const { fields } = kindOf(parameter)
    const { mode, name, argType } = fields
    if (mode !== 'FUNC_PARAM_DEFAULT' && mode !== 'FUNC_PARAM_IN') return undefined
    const type = isNode(argType) && argType['arrayBounds'] === undefined ? argType['names'] : []
    found.push({ name: textOf(name), type: textOf(kindOf(listOf(type).at(-1)).fields['sval']) })
  }
  return parameters && found
}

function parametersOf(text: string): readonly unknown[] | undefined {
  try {
    return listOf(kindOf(parseStatements(text)[0]?.node).fields['parameters'])
  } catch (error) {
    if (error instanceof WatertightError && error.code === 'UNPARSABLE_SQL') return undefined
    throw error
  }
}
