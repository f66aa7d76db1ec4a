import { startOfCommand } from './command-text.js'

/** Commands that neither name statements of the connection nor bring code along. */
const known =
  /^\(*(?:select|insert|update|delete|merge|with|values|table|copy|fetch|move|close|declare|begin|start|commit|end|abort|savepoint|release|rollback|lock|set|reset|show|explain|execute|call|notify|listen|unlisten|refresh|truncate|analyze|vacuum)\b/i

/**
 * True for a command after which the connection may serve another transaction.
 *
 * SECURITY: PREPARE and DEALLOCATE can give a name that the driver uses to another text, that of the
 * statement which sets the context too. It would run in the transactions of every tenant that comes
 * after. DO can hide both, and so can a function that CREATE makes; what is not known is taken to.
 */
export function isReusableAfter(text: string): boolean {
  return known.test(text) || known.test(text.slice(startOfCommand(text)))
}
