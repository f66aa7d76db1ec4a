import type { FunctionInfo } from 'watertight/catalog'
import { calledFunctions, mentionsName } from './mentions.js'
import { tokenize } from './tokens.js'

const sources: ReadonlySet<string> = new Set(['current_setting'])

/** Names of functions whose answer comes from a setting, directly or through other functions. */
export function contextFunctions(functions: readonly FunctionInfo[]): ReadonlySet<string> {
  const parsed = functions.map((fn) => ({ fn, tokens: tokenize(fn.body) }))
  const found = new Set<string>()
  for (const { fn, tokens } of parsed) {
    if (fn.schema === 'watertight' || mentionsName(tokens, sources)) found.add(fn.name)
  }
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const { fn, tokens } of parsed) {
      if (calledFunctions(tokens).some((name) => found.has(name))) found.add(fn.name)
    }
  }
  return found
}

/** The text reads the tenant context: a setting, or a function that reads one. */
export function readsContext(text: string, functions: ReadonlySet<string>): boolean {
  const tokens = tokenize(text)
  if (mentionsName(tokens, sources)) return true
  return calledFunctions(tokens).some((name) => functions.has(name))
}
