import { byteLength, maxIdentifierBytes } from '../sql/index.js'
import { describeValue, quoted } from './parsing/describe-value.js'
import type { Parser } from './parsing/parser.js'
import { text, textWhere } from './parsing/parser.js'

/** Why a name cannot be a PostgreSQL identifier; null when it can. */
export function identifierFault(name: string): string | null {
  if (name === '') return 'an identifier cannot be empty'
  if (/[\0\p{Cs}]/u.test(name)) return 'an identifier cannot hold a NUL or half a surrogate pair'
  const bytes = byteLength(name)
  if (bytes <= maxIdentifierBytes) return null
  return `${quoted(name)} is ${bytes} bytes long; PostgreSQL cuts identifiers after ${maxIdentifierBytes}`
}

/** A bare (unquoted) PostgreSQL identifier. */
export const identifier: Parser<string> = (value, at) => {
  if (typeof value !== 'string') return at.report(`expected a name, got ${describeValue(value)}`)
  const fault = identifierFault(value)
  return fault === null ? value : at.report(fault)
}

/**
 * A role name. PostgreSQL compares `public` and `none` as text, quoted or not, and keeps `pg_` for
 * itself (manual, CREATE ROLE).
 */
export const roleName: Parser<string> = (value, at) => {
  const name = identifier(value, at)
  if (name === 'public' || name === 'none') at.report(`${quoted(name)} is no role but a keyword`)
  else if (name?.startsWith('pg_')) at.report('role names that start with pg_ are reserved')
  return name
}

/** A schema that can hold tenant data: not the system's, not watertight's own. */
export const schemaName: Parser<string> = (value, at) => {
  const name = identifier(value, at)
  if (name?.startsWith('pg_') || name === 'information_schema') {
    at.report(`${quoted(name)} is a system schema`)
  } else if (name === 'watertight') {
    at.report("is watertight's own schema; declare the schemas that hold your tables")
  }
  return name
}

/** A custom setting, which PostgreSQL takes only with a dot in its name (manual, section 20.16). */
export const settingName: Parser<string> = textWhere(
  (value) => /^[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)+$/.test(value) && byteLength(value) <= 63,
  'a custom setting such as "app.tenant_id"',
)

/** A JSON pointer (RFC 6901) to something inside the document. */
export const jsonPointer: Parser<string> = (value, at) => {
  const pointer = text(value, at)
  if (pointer === undefined || /^(?:\/(?:[^~/]|~[01])*)+$/.test(pointer)) return pointer
  const guess = pointer.split('.').join('/')
  const hint = pointer.startsWith('/') ? '; write ~ as ~0 and / as ~1' : `; write "/${guess}"`
  const shown = pointer.length > 60 ? '' : hint
  return at.report(`expected a JSON pointer (RFC 6901), got ${quoted(pointer)}${shown}`)
}

/** A capability of a context, as policies compare it: printable, without quotes and backslashes. */
export const capability: Parser<string> = textWhere(
  (value) => /^[\w.:/-]{1,200}$/.test(value),
  'a capability such as "orders.supervise"',
)

/** A day of the calendar, `YYYY-MM-DD`. */
export const calendarDate: Parser<string> = textWhere((value) => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false
  const day = new Date(`${value}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value)
}, 'a calendar date such as "2027-01-31"')
