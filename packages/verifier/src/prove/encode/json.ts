import { apply, or, text } from '../terms/term.js'
import { listOf } from './cast.js'
import type { Value } from './value.js'

/** `value -> 'key'`: NULL where there is none. The same document and key give the same part. */
export function jsonStep(value: Value, key: string): Value {
  const at = [value.term, text(key)]
  return {
    type: 'json',
    term: apply('part', 'int', at),
    isNull: or(value.isNull, apply('no part', 'bool', at)),
    fails: value.fails,
  }
}

export function jsonSteps(value: Value, path: readonly string[]): Value {
  return path.reduce(jsonStep, value)
}

/** The text of a JSON value: NULL for JSON's null. */
export function jsonText(value: Value): Value {
  return {
    type: 'text',
    term: apply('text of json', 'int', [value.term]),
    isNull: or(value.isNull, apply('is json null', 'bool', [value.term])),
    fails: value.fails,
  }
}

/** The keys of a constant path; undefined when they are not known. */
export function pathOf(value: Value): readonly string[] | undefined {
  const keys = value.raw === undefined ? value.items?.map((item) => item.raw) : listOf(value.raw)
  return keys?.every(isKey) ? keys : undefined
}

/** A number in a path is a key of an object or a place in an array, as the document has it. */
function isKey(key: string | undefined): key is string {
  return key !== undefined && !/^-?\d+$/.test(key)
}
