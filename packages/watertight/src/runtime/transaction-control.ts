import { startOfCommand, withoutCommentsAndNames } from './command-text.js'

const control =
  /^(?:begin|start|commit|end|abort|rollback(?!\s+(?:(?:work|transaction)\s+)?to\b))\b/i

const plain = /^[dilmuwv(]|^se/i

/**
 * True for a text whose command begins or ends a transaction; SAVEPOINT, RELEASE and ROLLBACK TO do
 * not. A text holds one command, so its first word decides.
 */
export function isTransactionControl(text: string): boolean {
  if (plain.test(text)) return false
  const command = text.slice(startOfCommand(text))
  if (!/^prepare\b/i.test(command)) return control.test(command)
  return /^prepare\s+transaction\b/i.test(withoutCommentsAndNames(command))
}

/**
 * True for a command whose code can end the transaction around it, where that is not one of BEGIN.
 * SECURITY: what follows would run with the context that SQL has left on the session.
 */
export function runsProcedure(text: string): boolean {
  if (/^[ilmsuvw(]/i.test(text)) return false
  return /^(?:call|do)\b/i.test(text.slice(startOfCommand(text)))
}
