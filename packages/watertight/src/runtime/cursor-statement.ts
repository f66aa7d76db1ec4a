/** What may stand before the first word of a statement: spaces, parentheses and comments. */
const lead = String.raw`^(?:[\s(]|--[^\n\r]*|/\*(?:[^*]|\*(?!/))*\*/)*`
const reading = new RegExp(lead + String.raw`(?:select|values|table|with)\b`, 'i')
const withWriting = new RegExp(
  String.raw`${lead}with\b[^]*[()]\s*(?:insert|update|delete|merge)\b`,
  'i',
)

/**
 * True for a statement whose rows a cursor reads: a query. PostgreSQL declares none for one that writes
 * and returns rows, for SHOW, EXPLAIN, CALL … and for an empty text (manual, DECLARE); it makes all of
 * their rows before it sends the first.
 */
export function hasCursor(text: string): boolean {
  return reading.test(text) && !withWriting.test(text)
}
