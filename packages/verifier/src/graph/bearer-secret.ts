import { tokenize } from '../expr/tokens.js'
import type { Column, FunctionInfo, Relation } from 'watertight/catalog'

/**
 * The column holds something that exists to be known only by whoever was told: its default is random,
 * it says nothing else, and no key leads to it. A random primary key is no secret, since it is in
 * every address and every row that refers to it.
 */
export function isBearerSecret(
  relation: Relation,
  { name, defaultExpression }: Column,
  functions: readonly FunctionInfo[],
): boolean {
  if (defaultExpression === null || !isRandom(defaultExpression, functions)) return false
  return !relation.constraints.some(
    ({ kind, columns }) =>
      (kind === 'primary-key' || kind === 'foreign-key') && columns.includes(name),
  )
}

/** A generator of the database's own counts where its body is as random. */
function isRandom(expression: string, functions: readonly FunctionInfo[]): boolean {
  if (random.test(expression)) return true
  return functions.some(
    ({ schema, name, extension, body }) =>
      schema !== 'pg_catalog' &&
      extension === null &&
      random.test(body) &&
      tokenize(expression).some(({ kind, text }) => kind === 'name' && text === name),
  )
}

const random = /\b(random|gen_random_bytes|gen_random_uuid|uuid_generate_v4)\s*\(/
