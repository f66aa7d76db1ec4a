import { normalise, printExpression } from '../expr/index.js'
import type { Expr, ExprOf, Select } from '../expr/index.js'
import { encodeBoolean } from '../prove/encode/boolean.js'
import { compare } from '../prove/encode/compare.js'
import { freeBool, makeEncoding } from '../prove/encode/encoding.js'
import type { Encoding, Subject } from '../prove/encode/encoding.js'
import { encode } from '../prove/encode/expr.js'
import type { Frame } from '../prove/encode/frame.js'
import { matchRow } from '../prove/encode/match-row.js'
import type { Row } from '../prove/encode/row-shape.js'
import { bool, conjunction, isTrue, negation } from '../prove/encode/value.js'
import type { Value } from '../prove/encode/value.js'
import { and, implies, not, or } from '../prove/terms/term.js'
import type { Term } from '../prove/terms/term.js'
import type { Dependencies } from './dependencies.js'
import { ApplyingTables, SharedValues } from './shared-values.js'

export type Side = 'before' | 'after'

/** A search for a row: true when there is one, false when there is none. */
export interface Search {
  readonly exists: Term
  readonly rows: readonly Row[]
  /** What is found is modelled exactly, so that a row that fits is one that is found. */
  readonly isExact: boolean
  /** Encodes it once more: fresh rows, and what is true when they are found. */
  again(): { readonly holds: Term; readonly rows: readonly Row[] } | undefined
}

/** Two databases encoded over the same rows, context and data. */
export interface Pair {
  readonly before: Encoding
  readonly after: Encoding
  readonly searches: readonly Search[]
  /** What both sides know: settings, the time, functions that are equal on both. */
  readonly shared: ReadonlyMap<string, Value>
  /** The same row on both sides, so that what is said of it is said once. */
  identify(label: string, before: Row, after: Row): void
  /** Parts of one side alone that make every answer worthless. */
  blockers(): readonly string[]
  /** Something was left out, so that only a look at the servers confirms a difference. */
  isLoose(): boolean
}

/** A side of a comparison. */
export interface PairSide {
  readonly subject: Subject
  readonly dependencies: Dependencies
}

/**
 * Makes the encodings of both sides. A condition that both sides evaluate with the same text, of the
 * same row, resting on the same objects, is one value on both, modelled or not.
 */
export function pairEncodings(before: PairSide, after: PairSide, role: string): Pair {
  const applying = new ApplyingTables()
  const both = new Map<string, Value>()
  const isShared = (key: string): boolean => {
    if (/^setting |^now\(\)$|^session_user$/.test(key)) return true
    const identity = /^(.+) as .+$/s.exec(key)?.[1]
    if (identity === undefined) return false
    const digest = before.dependencies.ofFunction(identity, role)
    return digest !== undefined && digest === after.dependencies.ofFunction(identity, role)
  }
  const atoms = new Map<string, Value>()
  const seenOn: Record<Side, Set<string>> = { before: new Set(), after: new Set() }
  const faults = new Map<string, readonly string[]>()
  const rowNames = new Map<Row, string>()
  const searches: Search[] = []
  const sideOf = (encoding: Encoding): Side =>
    encoding.subject === before.subject ? 'before' : 'after'

  const encodeShared = (expr: Expr, encoding: Encoding, frame: Frame): Value => {
    const key = keyOf(expr, encoding, frame)
    if (key === undefined) return encodeSearch(expr, encoding, frame)
    const side = sideOf(encoding)
    seenOn[side].add(key)
    const known = atoms.get(key)
    if (known !== undefined) return known
    const blockers = [...encoding.blockers]
    const marks = {
      facts: encoding.facts.length,
      rows: encoding.rows.length,
      found: searches.length,
    }
    const value = encodeSearch(expr, encoding, frame)
    const made = [...encoding.blockers].filter((blocker) => !blockers.includes(blocker))
    if (made.length === 0) {
      atoms.set(key, value)
      return value
    }
    // What cannot be modelled is some value, the same one wherever the same is asked.
    for (const blocker of made) encoding.blockers.delete(blocker)
    encoding.facts.splice(marks.facts)
    encoding.rows.splice(marks.rows)
    searches.splice(marks.found)
    faults.set(key, made)
    const opaque = bool(
      freeBool(encoding, 'a condition').term,
      freeBool(encoding, 'a condition is null').term,
      freeBool(encoding, 'a condition fails').term,
    )
    atoms.set(key, opaque)
    return opaque
  }

  /** Undefined for what depends on more than one row that both sides speak of. */
  const keyOf = (expr: Expr, encoding: Encoding, frame: Frame): string | undefined => {
    const source = frame.sources.get(0)
    if (frame.calls.length > 0 || frame.arguments.size > 0 || frame.sources.size > 1)
      return undefined
    if (source?.kind !== 'row') return undefined
    const name = rowNames.get(source.row)
    if (name === undefined) return undefined
    const { dependencies } = sideOf(encoding) === 'before' ? before : after
    const text = printExpression(normalise(expr)).text
    return JSON.stringify([name, frame.role, text, dependencies.digest(text, frame.role)])
  }

  const encodeSearch = (expr: Expr, encoding: Encoding, frame: Frame): Value => {
    // That no row is found may be so or not: a search knows both.
    if (expr.kind === 'not') return negation(encodeBoolean(expr.operand, encoding, frame))
    const search = searchOf(expr, encoding, frame)
    if (search === undefined) return encode(expr, encoding, frame)
    const gaps = [...encoding.gaps]
    encoding.gaps.clear()
    const first = search.again()
    const isExact = encoding.gaps.size === 0
    for (const gap of gaps) encoding.gaps.add(gap)
    if (first === undefined) return encode(expr, encoding, frame)
    const exists = freeBool(encoding, 'a row is found').term
    encoding.facts.push(implies(exists, first.holds))
    searches.push({ exists, rows: first.rows, isExact, again: search.again })
    return search.valueOf(exists)
  }

  const base = makeEncoding(before.subject, { encode: encodeShared, matchRow })
  const left: Encoding = { ...base, applying, known: new SharedValues(both, isShared) }
  const right: Encoding = {
    ...left,
    subject: after.subject,
    known: new SharedValues(both, isShared),
  }
  return {
    before: left,
    after: right,
    searches,
    shared: both,
    identify(label, first, second) {
      rowNames.set(first, label)
      rowNames.set(second, label)
    },
    blockers: () => [
      ...left.blockers,
      ...(applying.wasCut ? ['policies that read one another in a circle'] : []),
      ...[...faults].flatMap(([key, made]) =>
        seenOn.before.has(key) && seenOn.after.has(key) ? [] : made,
      ),
    ],
    isLoose: () => left.gaps.size > 0 || left.rows.length > rowNames.size || faults.size > 0,
  }
}

type Found = { readonly holds: Term; readonly rows: readonly Row[] }

interface PlainSearch {
  again(): Found | undefined
  valueOf(exists: Term): Value
}

/** A plain search of tables; undefined for anything else. */
function searchOf(expr: Expr, encoding: Encoding, frame: Frame): PlainSearch | undefined {
  if (expr.kind === 'subquery' && expr.form === 'exists') {
    return {
      again: () => matched(expr.select, encoding, frame, null),
      valueOf: (exists) => bool(exists),
    }
  }
  if (expr.kind !== 'subquery-quantified' || !isPlainAny(expr)) return undefined
  const { left, select } = expr
  const values = (left.kind === 'row' ? left.elements : [left]).map((element) =>
    encode(element, encoding, frame),
  )
  return {
    again: () => matched(select, encoding, frame, values),
    valueOf(found) {
      // Not found, the answer is NULL when something compared was.
      const isNull = and(not(found), freeBool(encoding, 'a comparison is null').term)
      const isLooked = freeBool(encoding, 'there are rows').term
      const fails = and(isLooked, not(found), or(...values.map((value) => value.fails)))
      return bool(found, and(isNull, not(fails)), fails)
    },
  }
}

function isPlainAny({ quantifier, operator }: ExprOf<'subquery-quantified'>): boolean {
  const isEqual =
    operator === null ||
    (operator.name === '=' && (operator.schema === null || operator.schema === 'pg_catalog'))
  return quantifier === 'any' && isEqual
}

/** Some row of the query, whose values are `wanted` where that is not null. */
function matched(
  select: Select,
  encoding: Encoding,
  frame: Frame,
  wanted: readonly Value[] | null,
): Found | undefined {
  if (select.kind !== 'select' || select.limit !== null || select.offset !== null) return undefined
  if (select.having !== null || select.recursive) return undefined
  const inner: Frame = { ...frame, sources: new Map(frame.sources) }
  const match = matchRow(select, encoding, inner, encoding.encoders.encode)
  if (match === undefined) return undefined
  if (wanted !== null && match.targets.length !== wanted.length) return undefined
  const rows: Row[] = []
  for (const [occurrence, source] of inner.sources) {
    if (frame.sources.has(occurrence)) continue
    if (source.kind !== 'row' || source.row.loose) return undefined
    rows.push(source.row)
  }
  const tests = (wanted ?? []).map((value, index) =>
    compare(encoding, '=', value, match.targets[index] ?? value),
  )
  return { holds: and(match.holds, isTrue(conjunction(tests))), rows }
}
