import type { ColumnRef, Expr, Star } from '../ir/expr.js'
import { bound, columnsNamed } from './scope.js'
import type { Scope, ScopeItem } from './scope.js'
import { addProblem } from './session.js'
import type { Session } from './session.js'

/**
 * The meaning of a column reference by PostgreSQL's rules: a bare name is a column of the innermost
 * level that has one, then a relation as a whole, then an argument; a qualified name is a column of
 * the innermost relation that goes by the qualifier, and of no other.
 */
export function resolveColumn(ref: ColumnRef, scope: Scope, session: Session): Expr {
  return ref.qualifier.length === 0
    ? resolveBare(ref, scope, session)
    : resolveQualified(ref, scope, session)
}

/** `t.*` as a value is the whole row; a bare `*` stays. */
export function resolveStar(star: Star, scope: Scope, session: Session): Expr {
  if (star.qualifier.length === 0) return star
  const item = findItem(star.qualifier, scope, session, star)
  if (item === undefined || item === 'ambiguous') {
    if (item === undefined) unknown(star, session)
    return star
  }
  return item.occurrence === null
    ? star
    : { kind: 'bound-row', occurrence: item.occurrence, written: star }
}

function resolveBare(ref: ColumnRef, scope: Scope, session: Session): Expr {
  const { parameters } = session
  const isParameter = parameters?.names.includes(ref.name) ?? false
  const column = bareColumn(ref, scope, session)
  if (column === 'problem') return ref
  if (column !== undefined) {
    if (!isParameter || parameters?.whenColumn === 'column-wins') return column
    addProblem(session, 'variable-conflict', `${ref.name} is a column and a variable`, ref)
    return ref
  }
  const row = findItem([ref.name], scope, session, ref)
  if (row === 'ambiguous') return ref
  if (row !== undefined && row.occurrence !== null) {
    return { kind: 'bound-row', occurrence: row.occurrence, written: ref }
  }
  if (isParameter) return { kind: 'parameter', number: null, name: ref.name, written: ref }
  unknown(ref, session)
  return ref
}

function bareColumn(ref: ColumnRef, scope: Scope, session: Session): Expr | 'problem' | undefined {
  for (let level: Scope | null = scope; level !== null; level = level.outer) {
    const visible = level.items.filter((item) => item.bare)
    const [found, ...others] = visible.flatMap((item) => columnsNamed(item, ref.name))
    if (others.length > 0) {
      addProblem(session, 'ambiguous-column', `${ref.name} may be of several from-items`, ref)
      return 'problem'
    }
    // A second from-item with the name would be an error, so one that is found is it.
    if (found !== undefined) return bound(found.binding, ref)
    const hiding = visible.find((item) => item.open)
    if (hiding !== undefined) {
      const message = `${ref.name} may be a column of ${hiding.name ?? 'a join'}, whose columns are not known`
      addProblem(session, 'unknown-columns', message, ref)
      return 'problem'
    }
  }
  return undefined
}

function resolveQualified(ref: ColumnRef, scope: Scope, session: Session): Expr {
  const item = findItem(ref.qualifier, scope, session, ref)
  if (item === 'ambiguous') return ref
  if (item !== undefined) {
    const [column, ...others] = columnsNamed(item, ref.name)
    if (column !== undefined && others.length === 0) return bound(column.binding, ref)
    if (column === undefined && item.open) {
      addProblem(session, 'unknown-columns', `the columns of ${item.name ?? ''} are not known`, ref)
    } else if (column === undefined) {
      unknown(ref, session)
    } else {
      addProblem(session, 'ambiguous-column', `${item.name ?? ''} has ${ref.name} twice`, ref)
    }
    return ref
  }
  return parameterOf(ref, session) ?? (unknown(ref, session), ref)
}

/** `function.argument`, or a field of an argument. */
function parameterOf(ref: ColumnRef, session: Session): Expr | undefined {
  const { parameters } = session
  const [qualifier, ...more] = ref.qualifier
  if (parameters === null || qualifier === undefined || more.length > 0) return undefined
  const names = (name: string): boolean => parameters.names.includes(name)
  if (parameters.functionName === qualifier && names(ref.name)) {
    return { kind: 'parameter', number: null, name: ref.name, written: ref }
  }
  if (!names(qualifier)) return undefined
  const written: ColumnRef = { kind: 'column', qualifier: [], name: qualifier }
  const operand: Expr = { kind: 'parameter', number: null, name: qualifier, written }
  return { kind: 'field', operand, name: ref.name }
}

/** The innermost item that goes by a name. */
function findItem(
  qualifier: readonly string[],
  scope: Scope,
  session: Session,
  written: ColumnRef | Star,
): ScopeItem | 'ambiguous' | undefined {
  const [schema, name] = qualifier.length === 2 ? qualifier : [null, qualifier[0]]
  for (let level: Scope | null = scope; level !== null; level = level.outer) {
    const found = level.items.filter(
      (item) => item.name === name && (schema === null || item.schema === schema),
    )
    if (found.length > 1) {
      addProblem(session, 'ambiguous-column', `several from-items go by ${name ?? ''}`, written)
      return 'ambiguous'
    }
    if (found[0] !== undefined) return found[0]
  }
  return undefined
}

function unknown(written: ColumnRef | Star, session: Session): void {
  const last = written.kind === 'star' ? '*' : written.name
  const name = [...written.qualifier, last].join('.')
  addProblem(session, 'unknown-column', `nothing in reach is called ${name}`, written)
}
