/**
 * The tokens whose inside may hold a quote (manual, section 4.1): names (which may hold a dollar
 * sign), escape strings, strings, quoted names, dollar quotes and comments.
 */
const tokens =
  /(?:e'(?:[^'\\]|\\[^]|'')*'|'(?:[^']|'')*')|[\p{L}_][\p{L}\p{N}_$]*|"(?:[^"]|"")*"|\$(\w*)\$[^]*?\$\1\$|--[^\n\r]*|\/\*[^]*/giu

/**
 * A text of SQL with `''` in place of its strings, for looking at what it calls rather than at its
 * data. What could hold code stays: names, dollar quotes, and everything from a block comment on.
 */
export function withoutStrings(text: string): string {
  return text.replaceAll(tokens, (token: string) => (/^e?'/i.test(token) ? "''" : token))
}
