import { startOfCommand } from './command-text.js'

/** Commands that leave nothing on the connection: no setting, no name, no code. */
const known =
  /^\(*(?:select|insert|update|delete|merge|with|values|table|copy|fetch|move|close|declare|begin|start|commit|end|abort|savepoint|release|rollback|lock|set\s+(?:local|constraints|transaction)|show|explain|execute|call|notify|refresh|truncate|analyze|vacuum)\b/i

/** Also a name in escapes (manual, section 4.1.2.3), which may be that one. */
const setConfig = /set_config|u&"/i

/** Calls whose setting ends with the transaction, as far as a look at their arguments tells. */
const localSetConfig = /\bset_config\s*\([^()]*,\s*true\s*\)/gi

/**
 * True for a command after which the connection may serve another transaction.
 *
 * SECURITY: PREPARE and DEALLOCATE can give a name that the driver uses to another text, that of the
 * statement which sets the context too. It would run in the transactions of every tenant that comes
 * after. DO can hide both, and so can a function that CREATE makes; what is not known is taken to.
 * A setting of the session changes what the statements of others mean (`search_path`,
 * `standard_conforming_strings`).
 */
export function isReusableAfter(text: string): boolean {
  if (setConfig.test(text) && setConfig.test(text.replace(localSetConfig, ''))) return false
  return known.test(text) || known.test(text.slice(startOfCommand(text)))
}
