import { startOfCommand, withoutCommentsAndNames } from './command-text.js'

/** FOR as a word: letters beyond ASCII and `$` may be part of a name (manual, section 4.1.1). */
const beforeQuery = /(?<![\w$\u0080-\uffff])for(?![\w$\u0080-\uffff])/i

/**
 * True for `DECLARE ... CURSOR WITH HOLD`. SECURITY: such a cursor keeps its rows on the connection
 * after COMMIT, and no policy is asked when whoever has the connection next fetches them.
 */
export function holdsCursor(text: string): boolean {
  if (!/hold/i.test(text)) return false
  const command = text.slice(startOfCommand(text))
  if (!/^declare\b/i.test(command)) return false
  const [declared = ''] = withoutCommentsAndNames(command).split(beforeQuery)
  return /with\s+hold/i.test(declared)
}
