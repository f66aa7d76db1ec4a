/** Index of the first character that is neither white space nor part of a comment. */
export function startOfCommand(text: string): number {
  let index = 0
  for (;;) {
    while (/\s/.test(text.charAt(index))) index += 1
    if (text.startsWith('--', index)) {
      const end = text.slice(index).search(/[\r\n]/)
      if (end === -1) return text.length
      index += end
    } else if (text.startsWith('/*', index)) {
      index = endOfComment(text, index)
    } else {
      return index
    }
  }
}

/** Index after a comment; those of PostgreSQL nest (manual, section 4.1.5). */
export function endOfComment(text: string, start: number): number {
  let depth = 0
  for (let index = start; index < text.length; index += 1) {
    if (text.startsWith('/*', index)) {
      depth += 1
      index += 1
    } else if (text.startsWith('*/', index)) {
      depth -= 1
      index += 1
      if (depth === 0) return index + 1
    }
  }
  return text.length
}

const control =
  /^(?:begin|start|commit|end|abort|prepare\s+transaction|rollback(?!\s+(?:(?:work|transaction)\s+)?to\b))\b/i

const plain = /^[dilmuwv(]|^se/i

/**
 * True for a text whose command begins or ends a transaction; SAVEPOINT, RELEASE and ROLLBACK TO do
 * not. A text holds one command, so its first word decides.
 */
export function isTransactionControl(text: string): boolean {
  if (plain.test(text)) return false
  return control.test(text.slice(startOfCommand(text)))
}
