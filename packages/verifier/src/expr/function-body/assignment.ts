import { unmodelled } from '../convert/unmodelled.js'
import { scanTokens } from '../parser/parser.js'

/** The variable and the value of `variable := value`. Assignments to a part are not modelled. */
export function assignment(text: string): { variable: string; value: string } {
  const [target, operator] = scanTokens(text).filter(
    (token) => !token.tokenName.endsWith('COMMENT'),
  )
  if (target === undefined || (operator?.text !== ':=' && operator?.text !== '=')) {
    return unmodelled('an assignment to a part of a variable')
  }
  const bytes = new TextEncoder().encode(text)
  const value = new TextDecoder().decode(bytes.subarray(operator.end))
  return { variable: nameOf(target.text), value }
}

function nameOf(token: string): string {
  if (token.startsWith('"')) return token.slice(1, -1).replaceAll('""', '"')
  return token.toLowerCase()
}
