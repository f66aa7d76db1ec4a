/** What may stand before the first word of a statement: spaces and comments. */
const lead = String.raw`^(?:\s|--[^\n\r]*|/\*(?:[^*]|\*(?!/))*\*/)*`
const verbs = String.raw`(?:insert|update|delete|merge)\b`
const writing = new RegExp(lead + verbs, 'i')
const withWriting = new RegExp(String.raw`${lead}with\b[^]*[()]\s*${verbs}`, 'i')

/**
 * True for a statement that writes and may return rows. PostgreSQL declares no cursor for one (manual,
 * DECLARE), and makes all of its rows before it sends the first.
 */
export function isWriting(text: string): boolean {
  return writing.test(text) || withWriting.test(text)
}
