import type {
  BoundColumn,
  BoundOutput,
  BoundRow,
  ColumnRef,
  Literal,
  Opaque,
  Parameter,
  SqlValue,
  Star,
} from './leaf.js'
import type { QualifiedName, TypeName } from './names.js'
import type { SelectNode, SortKeyNode } from './select-node.js'

export type * from './leaf.js'

export interface Cast {
  readonly kind: 'cast'
  readonly operand: Expr
  readonly type: TypeName
}

export interface And {
  readonly kind: 'and'
  readonly operands: readonly Expr[]
}

export interface Or {
  readonly kind: 'or'
  readonly operands: readonly Expr[]
}

export interface Not {
  readonly kind: 'not'
  readonly operand: Expr
}

/** `IS NULL`, negated `IS NOT NULL`. Of a row value neither may hold (manual, section 9.2). */
export interface NullTest {
  readonly kind: 'null-test'
  readonly operand: Expr
  readonly negated: boolean
}

/** `IS [NOT] TRUE | FALSE | UNKNOWN`. */
export interface BooleanTest {
  readonly kind: 'boolean-test'
  readonly operand: Expr
  readonly value: 'true' | 'false' | 'unknown'
  readonly negated: boolean
}

/** `IS DISTINCT FROM`, negated `IS NOT DISTINCT FROM`. */
export interface DistinctTest {
  readonly kind: 'distinct-test'
  readonly left: Expr
  readonly right: Expr
  readonly negated: boolean
}

/** An operator by name: comparisons, arithmetic, JSON, regular expressions and all others. */
export interface OperatorCall {
  readonly kind: 'operator'
  readonly operator: QualifiedName
  /** Null for a prefix operator. */
  readonly left: Expr | null
  readonly right: Expr
}

/** `[NOT] LIKE | ILIKE | SIMILAR TO … [ESCAPE …]`. */
export interface PatternTest {
  readonly kind: 'pattern-test'
  readonly form: 'like' | 'ilike' | 'similar'
  readonly operand: Expr
  readonly pattern: Expr
  readonly escape: Expr | null
  readonly negated: boolean
}

export interface Between {
  readonly kind: 'between'
  readonly operand: Expr
  readonly low: Expr
  readonly high: Expr
  readonly symmetric: boolean
  readonly negated: boolean
}

/** `[NOT] IN (a, b, …)`. */
export interface InList {
  readonly kind: 'in-list'
  readonly operand: Expr
  readonly items: readonly Expr[]
  readonly negated: boolean
}

/** `left operator ANY | ALL (array)`. */
export interface ArrayQuantified {
  readonly kind: 'array-quantified'
  readonly quantifier: 'any' | 'all'
  readonly operator: QualifiedName
  readonly left: Expr
  readonly array: Expr
}

export interface ArrayConstructor {
  readonly kind: 'array'
  readonly elements: readonly Expr[]
}

export interface RowConstructor {
  readonly kind: 'row'
  readonly elements: readonly Expr[]
  /** Whether the text says `ROW`. */
  readonly explicit: boolean
}

export interface CaseBranch {
  readonly when: Expr
  readonly result: Expr
}

export interface Case {
  readonly kind: 'case'
  /** The operand of the simple form `CASE operand WHEN value`, else null. */
  readonly operand: Expr | null
  readonly branches: readonly CaseBranch[]
  readonly otherwise: Expr | null
}

export interface Coalesce {
  readonly kind: 'coalesce'
  readonly operands: readonly Expr[]
}

export interface NullIf {
  readonly kind: 'nullif'
  readonly left: Expr
  readonly right: Expr
}

export interface Extremum {
  readonly kind: 'extremum'
  readonly which: 'greatest' | 'least'
  readonly operands: readonly Expr[]
}

export interface CallArgument {
  /** For `name => value`, else null. */
  readonly name: string | null
  readonly value: Expr
}

/** What only a call of an aggregate function can have. */
export interface AggregateClause {
  /** `count(*)`. */
  readonly star: boolean
  readonly distinct: boolean
  readonly orderBy: readonly SortKeyNode<Expr>[]
  readonly filter: Expr | null
}

/** A function call. Window functions are {@link Opaque}. */
export interface Call {
  readonly kind: 'call'
  readonly function: QualifiedName
  readonly args: readonly CallArgument[]
  /** Whether the last argument is `VARIADIC`. */
  readonly variadic: boolean
  /**
   * Written in the standard's own syntax (`EXTRACT(… FROM …)`, `… AT TIME ZONE …`, `TRIM(…)`); the
   * function and the order of arguments are those that PostgreSQL calls.
   */
  readonly standardSyntax: boolean
  /** Not null only when the text itself shows an aggregate; see `isAggregateCall`. */
  readonly aggregate: AggregateClause | null
}

/** `(SELECT …)` as a value, `EXISTS (SELECT …)` or `ARRAY(SELECT …)`. */
export interface Subquery {
  readonly kind: 'subquery'
  readonly form: 'scalar' | 'exists' | 'array'
  readonly select: SelectNode<Expr>
}

/** `left IN (SELECT …)` or `left operator ANY | ALL (SELECT …)`; `NOT IN` is {@link Not} of it. */
export interface SubqueryQuantified {
  readonly kind: 'subquery-quantified'
  readonly quantifier: 'any' | 'all'
  /** Null when written as `IN`, which means `= ANY`. */
  readonly operator: QualifiedName | null
  readonly left: Expr
  readonly select: SelectNode<Expr>
}

/** `[upper]`, or for a slice `[lower:upper]`, where each bound may be missing. */
export interface SubscriptIndex {
  readonly slice: boolean
  readonly lower: Expr | null
  readonly upper: Expr | null
}

/** `operand[1][2]`: all indices are applied at once, which differs from subscripting twice. */
export interface Subscript {
  readonly kind: 'subscript'
  readonly operand: Expr
  readonly indices: readonly SubscriptIndex[]
}

/** `(operand).name`. */
export interface FieldSelection {
  readonly kind: 'field'
  readonly operand: Expr
  readonly name: string
}

/** `(operand).*`. */
export interface FieldStar {
  readonly kind: 'field-star'
  readonly operand: Expr
}

export interface Collate {
  readonly kind: 'collate'
  readonly operand: Expr
  readonly collation: QualifiedName
}

/** A PostgreSQL expression: frozen data. */
export type Expr =
  | ColumnRef
  | Star
  | BoundColumn
  | BoundRow
  | BoundOutput
  | Parameter
  | Literal
  | Cast
  | And
  | Or
  | Not
  | NullTest
  | BooleanTest
  | DistinctTest
  | OperatorCall
  | PatternTest
  | Between
  | InList
  | ArrayQuantified
  | ArrayConstructor
  | RowConstructor
  | Case
  | Coalesce
  | NullIf
  | Extremum
  | Call
  | SqlValue
  | Subquery
  | SubqueryQuantified
  | Subscript
  | FieldSelection
  | FieldStar
  | Collate
  | Opaque

export type ExprKind = Expr['kind']

/** The expression of one kind. */
export type ExprOf<Kind extends ExprKind> = Extract<Expr, { kind: Kind }>
