import type { FunctionInfo } from 'watertight/catalog'
import { calledFunctions, hasSubselect, mentionsName } from './mentions.js'
import { tokenize } from './tokens.js'

const sessionNames: ReadonlySet<string> = new Set([
  'current_setting',
  'current_user',
  'session_user',
  'current_role',
  'user',
])

/**
 * The expression may give different answers to different tenants: it reads a setting, the session's
 * role, another table, or calls a function that is not PostgreSQL's own. False means that it surely
 * does not, so that it says the same to every tenant.
 */
export function mayDependOnContext(
  expression: string,
  functions: readonly FunctionInfo[],
): boolean {
  const tokens = tokenize(expression)
  if (mentionsName(tokens, sessionNames) || hasSubselect(tokens)) return true
  const own = new Set(functions.map((fn) => fn.name))
  return calledFunctions(tokens).some((name) => own.has(name))
}
