import { isAbsolute, relative, sep } from 'node:path'
import { qualifiedName } from 'watertight/sql'
import { positionOf } from './load-error.js'
import type { Script } from './script-file.js'
import { splitStatements } from './split-statements.js'

/** A place in a file, line and column counted from 1. */
export interface ScriptPlace {
  /** Relative to the working directory, with forward slashes. */
  readonly file: string
  readonly line: number
  readonly column: number
}

const namePart = String.raw`(?:"(?:[^"]|"")+"|[\w$\u0080-\uffff]+)`

const creation = new RegExp(
  String.raw`^create\s+(?:or\s+replace\s+)?(?:(?:unlogged|temp|temporary|global|local|recursive|foreign)\s+)*` +
    String.raw`(?:table|view|materialized\s+view|function|procedure|sequence)\s+(?:if\s+not\s+exists\s+)?` +
    String.raw`(${namePart})(?:\s*\.\s*(${namePart}))?`,
  'i',
)

/**
 * Where scripts make an object that a report names; null for what they do not make. Names without a
 * schema are taken to be in `public`.
 */
export function scriptPlaces(
  scripts: readonly Script[],
  cwd: string,
): (object: string) => ScriptPlace | null {
  const places = new Map<string, ScriptPlace>()
  for (const script of scripts) {
    const file = fileName(script.name, cwd)
    for (const part of splitStatements(script.text)) {
      if (part.kind !== 'statement' || part.words[0] !== 'create') continue
      const [, first, second] = creation.exec(part.text) ?? []
      if (first === undefined) continue
      const [schema, name] = second === undefined ? ['public', first] : [first, second]
      const object = qualifiedName(bare(schema), bare(name)).text
      if (!places.has(object)) places.set(object, { file, ...positionOf(script, part.start) })
    }
  }
  // Functions are named with their arguments, triggers and rules with their table.
  return (object) => places.get(object.replace(/^.* on /, '').replace(/\(.*$/s, '')) ?? null
}

function fileName(name: string, cwd: string): string {
  const path = isAbsolute(name) ? relative(cwd, name) : name
  return path.split(sep).join('/')
}

function bare(written: string): string {
  return written.startsWith('"')
    ? written.slice(1, -1).replaceAll('""', '"')
    : written.toLowerCase()
}
