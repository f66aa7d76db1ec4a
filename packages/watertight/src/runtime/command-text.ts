/** Index of the first character of a command, after white space, comments and empty commands. */
export function startOfCommand(text: string): number {
  let index = 0
  for (;;) {
    while (/[\s;]/.test(text.charAt(index))) index += 1
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
function endOfComment(text: string, start: number): number {
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

/** Comments become a blank; quoted names one letter between blanks, which they need not have. */
export function withoutCommentsAndNames(text: string): string {
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
      result += ' q '
    } else {
      result += text.charAt(index)
      index += 1
    }
  }
  return result
}
