import { endOfComment, startOfCommand } from './transaction-control.js'

const held = /^declare\s+\S+\s+(?:[a-z]+\s+)*?cursor\s+with\s+hold\b/i

/**
 * True for `DECLARE ... CURSOR WITH HOLD`. SECURITY: such a cursor keeps its rows on the connection
 * after COMMIT, and no policy is asked when whoever has the connection next fetches them.
 */
export function holdsCursor(text: string): boolean {
  if (!/hold/i.test(text)) return false
  const command = text.slice(startOfCommand(text))
  return /^declare\b/i.test(command) && held.test(withoutCommentsAndQuotes(command))
}

/** Comments become a blank, quoted names one letter. */
function withoutCommentsAndQuotes(text: string): string {
  let result = ''
  for (let index = 0; index < text.length;) {
    if (text.startsWith('--', index)) {
      const length = text.slice(index).search(/[\r\n]/)
      index = length === -1 ? text.length : index + length
      result += ' '
    } else if (text.startsWith('/*', index)) {
      index = endOfComment(text, index)
      result += ' '
    } else if (text.charAt(index) === '"') {
      const end = text.indexOf('"', index + 1)
      index = end === -1 ? text.length : end + 1
      result += 'q'
    } else {
      result += text.charAt(index)
      index += 1
    }
  }
  return result
}
