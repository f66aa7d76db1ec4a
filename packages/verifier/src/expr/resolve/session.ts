import type { ColumnRef, Expr, Star } from '../ir/expr.js'
import type { FromItem, Select } from '../ir/select.js'
import type {
  NameLookup,
  Occurrence,
  ParameterNames,
  ResolveProblem,
  ResolveReason,
} from './resolution.js'
import type { Scope, ScopeColumn, ScopeItem } from './scope.js'

/** A from-item, resolved, with what it shows. */
export interface ResolvedFrom {
  readonly item: FromItem
  /** The items that may be named. */
  readonly items: readonly ScopeItem[]
  /** Its columns in the order of `*`. */
  readonly columns: readonly ScopeColumn[]
  readonly open: boolean
}

export interface ResolvedSelect {
  readonly select: Select
  /** Names of the result's columns; null when they cannot be told. */
  readonly columns: readonly string[] | null
}

/** One run of name resolution. */
export interface Session {
  readonly lookup: NameLookup
  readonly parameters: ParameterNames | null
  readonly occurrences: Occurrence[]
  readonly problems: ResolveProblem[]
  expr(expr: Expr, scope: Scope): Expr
  select(select: Select, scope: Scope): ResolvedSelect
  /** A session whose findings are thrown away. */
  fork(): Session
  /** `before` are the items that LATERAL sees. */
  fromItem(item: FromItem, scope: Scope, before: readonly ScopeItem[]): ResolvedFrom
}

/** Registers an occurrence under the next id. */
export function addOccurrence(session: Session, facts: Omit<Occurrence, 'id'>): Occurrence {
  const occurrence = { id: session.occurrences.length, ...facts }
  session.occurrences.push(occurrence)
  return occurrence
}

/** Notes that a name could not be resolved. */
export function addProblem(
  session: Session,
  reason: ResolveReason,
  message: string,
  written: ColumnRef | Star | null = null,
): void {
  session.problems.push({ reason, message, written })
}
