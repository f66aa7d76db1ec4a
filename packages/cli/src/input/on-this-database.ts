import { ident } from 'watertight/sql'
import type { StatementPart } from './split-statements.js'

/** A statement, and what was changed in it; null for one that is as it was. */
export interface Renamed {
  readonly statement: StatementPart
  readonly note: string | null
}

const name = String.raw`(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)`
const target = new RegExp(
  String.raw`\b(on\s+database\s+)(${name}(?:\s*,\s*${name})*)(?=\s+(?:to|from)\b)`,
  'iu',
)

/**
 * A GRANT or REVOKE on the database that a script was written for, as one on the database that it is
 * loaded into, which has another name.
 */
export function onThisDatabase(part: StatementPart, database: string): Renamed {
  const found = /^(grant|revoke)$/.test(part.words[0] ?? '') ? target.exec(part.text) : null
  const [whole = '', before = '', names = ''] = found ?? []
  const own = ident(database).text
  if (found === null || names === own) return { statement: part, note: null }
  const text = `${part.text.slice(0, found.index)}${before}${own}${part.text.slice(found.index + whole.length)}`
  const what = (part.words[0] ?? '').toUpperCase()
  return {
    statement: { ...part, text },
    note: `${what} ON DATABASE ${names} was done on the database that the script was loaded into`,
  }
}
