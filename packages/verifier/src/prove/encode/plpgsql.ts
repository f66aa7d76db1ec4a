import type { FunctionInfo } from 'watertight/catalog'
import type { PlpgsqlStatement, Select } from '../../expr/index.js'
import { and, falsity, implies, not, or, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { aggregatedValue } from './aggregate.js'
import { eitherArray } from './array-elements.js'
import { resolvedQuery } from './body-names.js'
import { castTo } from './cast.js'
import { approximated, blocked, freeBool } from './encoding.js'
import type { Frame } from './frame.js'
import type { Encoding } from './encoding.js'
import { starValues } from './star-values.js'
import { evaluate, startRun, withUncertain } from './plpgsql-body.js'
import type { Run } from './plpgsql-body.js'
import { columnType } from './sql-type.js'
import { bool, failure, isTrue, nullValue } from './value.js'
import type { Value } from './value.js'

/** The value of a PL/pgSQL function without loops and dynamic SQL. */
export function encodePlpgsql(fn: FunctionInfo, encoding: Encoding, frame: Frame): Value {
  const started = startRun(fn, encoding, frame)
  if (started === undefined)
    return blocked(encoding, 'other:body', `${fn.schema}.${fn.name}: its body is not modelled`)
  const result = runStatements(started.statements, started.run, started.frame)
  return { ...result, fails: or(started.fails, result.fails) }
}

/** Runs statements to the first RETURN; the end of the body is one that fails. */
function runStatements(statements: readonly PlpgsqlStatement[], run: Run, frame: Frame): Value {
  const { encoding, fn } = run
  const type = columnType(fn.returns, encoding.subject.catalog)
  const [first, ...rest] = statements
  // "control reached end of function without RETURN" is an error.
  if (first === undefined)
    return failure(type, type === 'bool' ? falsity : { kind: 'number', digits: '0' })
  switch (first.kind) {
    case 'return': {
      const value = first.value === null ? nullValue : evaluate(first.value, run, frame)
      return castTo(encoding, value, type)
    }
    case 'if': {
      const otherwise = runStatements([...first.otherwise, ...rest], run, frame)
      return first.branches.reduceRight((no, { condition, body }) => {
        const test = castTo(encoding, evaluate(condition, run, frame), 'bool')
        const yes = runStatements([...body, ...rest], run, frame)
        const chosen = eitherArray(encoding, isTrue(test), yes, no)
        return { ...chosen, fails: or(test.fails, chosen.fails) }
      }, otherwise)
    }
    case 'block': {
      // Any of its statements may fail in ways that are not modelled, and any handler may take it.
      const tried = runStatements([...first.body, ...rest], run, frame)
      const inside = withUncertain(first.body, run, frame)
      return first.handlers.reduceRight(
        (value, handler) =>
          eitherArray(
            encoding,
            freeBool(encoding, 'an error is caught').term,
            runStatements([...handler, ...rest], run, inside),
            value,
          ),
        tried,
      )
    }
    case 'raise':
      if (first.level === 'message') return runStatements(rest, run, frame)
      return failure(type, type === 'bool' ? truth : { kind: 'number', digits: '0' })
    default: {
      const after = step(first, run, frame)
      if (after === undefined) {
        const what = first.kind === 'opaque' ? first.reason : `a ${first.kind} statement`
        return blocked(encoding, type, `${fn.schema}.${fn.name}: ${what}`)
      }
      const result = runStatements(rest, run, after.frame)
      return { ...result, fails: or(after.fails, result.fails) }
    }
  }
}

/** Some rows that a PL/pgSQL function returns: a query, where it stands, and when it runs. */
export interface ReturnedRows {
  readonly select: Select
  readonly frame: Frame
  readonly when: Term
}

/** The queries whose rows are the result of a function that returns a set; undefined if not modelled. */
export function returnedRows(
  fn: FunctionInfo,
  encoding: Encoding,
  frame: Frame,
): readonly ReturnedRows[] | undefined {
  const started = startRun(fn, encoding, frame)
  if (started === undefined) return undefined
  const { run } = started
  return collect(started.statements, run, started.frame, not(started.fails))
}

function collect(
  statements: readonly PlpgsqlStatement[],
  run: Run,
  frame: Frame,
  when: Term,
): readonly ReturnedRows[] | undefined {
  const [first, ...rest] = statements
  if (first === undefined) return []
  const all = (
    parts: readonly (readonly ReturnedRows[] | undefined)[],
  ): readonly ReturnedRows[] | undefined =>
    parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? [])
  switch (first.kind) {
    case 'return':
      return first.value === null ? [] : undefined
    case 'return-query': {
      const after = { ...frame, arguments: new Map(frame.arguments) }
      if (!run.types.has('found')) {
        after.arguments.set('found', freeBool(run.encoding, 'rows were returned'))
      }
      return all([[{ select: first.select, frame, when }], collect(rest, run, after, when)])
    }
    case 'if': {
      const parts: (readonly ReturnedRows[] | undefined)[] = []
      let before = when
      for (const { condition, body } of first.branches) {
        const test = castTo(run.encoding, evaluate(condition, run, frame), 'bool')
        parts.push(collect([...body, ...rest], run, frame, and(before, isTrue(test))))
        before = and(before, not(isTrue(test)), not(test.fails))
      }
      return all([...parts, collect([...first.otherwise, ...rest], run, frame, before)])
    }
    case 'block': {
      const inside = withUncertain(first.body, run, frame)
      return all([
        collect([...first.body, ...rest], run, frame, when),
        ...first.handlers.map((handler) => collect([...handler, ...rest], run, inside, when)),
      ])
    }
    case 'raise':
      return first.level === 'message' ? collect(rest, run, frame, when) : []
    default: {
      const after = step(first, run, frame)
      return after && collect(rest, run, after.frame, and(when, not(after.fails)))
    }
  }
}

interface After {
  readonly frame: Frame
  readonly fails: Term
}

/** A statement that sets variables; undefined if it is not modelled. */
function step(statement: PlpgsqlStatement, run: Run, frame: Frame): After | undefined {
  const { encoding, fn, types } = run
  const set = (values: readonly (readonly [string, Value])[]): After => {
    const typed = values.map(([name, value]) => {
      const type = types.get(name)
      const isRow = type === undefined || value.fields !== undefined
      return [name, isRow ? value : castTo(encoding, value, type)] as const
    })
    return {
      frame: { ...frame, arguments: new Map([...frame.arguments, ...typed]) },
      fails: or(...typed.map(([, value]) => value.fails)),
    }
  }
  // A variable of the name hides it.
  const foundIs = (term: Term): readonly (readonly [string, Value])[] =>
    types.has('found') ? [] : [['found', bool(term)]]
  switch (statement.kind) {
    case 'assign':
      return set([[statement.variable, evaluate(statement.value, run, frame)]])
    case 'select-into': {
      const { select, frame: inner } = resolvedQuery(statement.select, encoding, frame, fn)
      const row = firstRow(select, encoding, inner)
      const found = foundIs(row.found)
      const [target] = statement.targets
      // Without the catalog the parser cannot tell a variable of a row type from others.
      const declared = types.get(target ?? '')
      const isRow =
        declared?.startsWith('enum:') === true
          ? false
          : statement.record || (statement.targets.length === 1 && declared === 'other:row')
      if (isRow && target !== undefined) {
        const record: Value = {
          ...approximated(encoding, 'other:row', 'a whole row'),
          isNull: not(row.found),
          fields: row.fields,
        }
        return set([[target, record], ...found])
      }
      if (row.values.length < statement.targets.length) return undefined
      return set([
        ...statement.targets.map((name, index) => [name, row.values[index] ?? nullValue] as const),
        ...found,
      ])
    }
    case 'perform': {
      const { select, frame: inner } = resolvedQuery(statement.select, encoding, frame, fn)
      const { found, fails } = firstRow(select, encoding, inner)
      const after = set(foundIs(found))
      return { ...after, fails: or(after.fails, fails) }
    }
    default:
      return undefined
  }
}

interface FirstRow {
  readonly found: Term
  readonly fails: Term
  readonly values: readonly Value[]
  readonly fields: ReadonlyMap<string, Value>
}

/** The row that INTO takes: NULL in every column where there is none. */
function firstRow(select: Select, encoding: Encoding, frame: Frame): FirstRow {
  const { encode, matchRow } = encoding.encoders
  const aggregated = aggregatedValue(select, encoding, frame, encode)
  if (aggregated !== undefined) {
    const name = select.kind === 'select' ? (select.targets[0]?.alias ?? '') : ''
    const fields = new Map([[name, aggregated]])
    return { found: truth, fails: aggregated.fails, values: [aggregated], fields }
  }
  const match = matchRow(select, encoding, frame, encode)
  if (match === undefined) {
    encoding.gaps.add('a query that is not modelled')
    const found = freeBool(encoding, 'a row is found').term
    const count = select.kind === 'select' ? select.targets.length : 0
    const values = Array.from({ length: count }, () =>
      approximated(encoding, 'other:value', 'a query that is not modelled'),
    )
    return { found, fails: falsity, values, fields: new Map() }
  }
  const found =
    match.single && match.holds === truth ? truth : freeBool(encoding, 'a row is found').term
  encoding.facts.push(implies(found, match.holds))
  const orNull = (value: Value): Value => ({
    ...value,
    isNull: or(not(found), value.isNull),
    fails: and(found, value.fails),
  })
  const star = match.targets.length === 0 ? starValues(select, encoding, frame) : undefined
  const names = star === undefined ? match.names : [...star.keys()]
  const values = (star === undefined ? match.targets : [...star.values()]).map(orNull)
  return {
    found,
    fails: or(...values.map(({ fails }) => fails)),
    values,
    fields: new Map(names.map((name, index) => [name, values[index] ?? nullValue])),
  }
}
