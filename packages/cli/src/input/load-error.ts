import { WatertightError } from 'watertight/errors'
import type { Script } from './script-file.js'

/** `file:line:column` of an index into a script, both counted from 1. */
export function locate(script: Script, index: number): string {
  const { line, column } = positionOf(script, index)
  return `${script.name}:${line}:${column}`
}

/** Line and column of an index into a script, both counted from 1. */
export function positionOf({ text }: Script, index: number): { line: number; column: number } {
  const before = text.slice(0, index)
  const line = before.split('\n').length
  // Columns count characters, as the server does, not UTF-16 units.
  const column = Array.from(before.slice(before.lastIndexOf('\n') + 1)).length + 1
  return { line, column }
}

/** The server's complaint about a statement, with the place in the file. */
export function loadError(script: Script, start: number, error: unknown): WatertightError {
  const reason = error instanceof Error ? error.message : String(error)
  const state = field(error, 'code')
  // The server counts characters, not UTF-16 units, from 1 within the statement.
  const position = Number.parseInt(field(error, 'position'), 10)
  const offset = Number.isInteger(position)
    ? Array.from(script.text.slice(start, start + 2 * position))
        .slice(0, position - 1)
        .join('').length
    : 0
  const place = locate(script, start + offset)
  const hint = field(error, 'hint')
  return new WatertightError('LOAD_FAILED', `${place}: ${reason}`, {
    object: place,
    hint:
      hintFor(state, script.text.slice(start + offset)) ??
      (hint === '' ? 'Mend the script; it was loaded into a local PostgreSQL only.' : hint),
    ...(state !== '' && { sqlState: state }),
    cause: error,
  })
}

/** What the server cannot know: that it is a scratch one. Null where its own hint says more. */
function hintFor(state: string, text: string): string | null {
  switch (state) {
    case '42601':
      return /^:["']?\w/.test(text)
        ? 'A name after a colon is a variable of psql: put its value in its place, or load the script with psql into a database and give its URL.'
        : null
    case '0A000':
    case '58P01':
      return 'The local PostgreSQL lacks an extension that the script needs; give the URL of your server instead.'
    case '42704':
    case '42883':
    case '42P01':
    case '3F000':
      return 'Something the script builds on is missing, such as what a hosted platform has ready: load the whole history or a complete dump, or give the URL of your server.'
    default:
      return null
  }
}

function field(error: unknown, name: string): string {
  if (typeof error !== 'object' || error === null) return ''
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'string' ? value : ''
}
