import type { QualifiedName, TypeName } from './names.js'
import type { Select, SortKey } from './select.js'

/** A column reference as written; `qualifier` is `[]`, `[relation]` or `[schema, relation]`. */
export interface ColumnRef {
  readonly kind: 'column'
  readonly qualifier: readonly string[]
  readonly name: string
}

/** `*` or `relation.*`. */
export interface Star {
  readonly kind: 'star'
  readonly qualifier: readonly string[]
}

/** A column reference after name resolution. */
export interface BoundColumn {
  readonly kind: 'bound-column'
  /** Id of the from-item that the column belongs to; ids are unique within one resolution. */
  readonly occurrence: number
  readonly column: string
  readonly written: ColumnRef
}

/** A whole row of a from-item after name resolution: `t` or `t.*`. */
export interface BoundRow {
  readonly kind: 'bound-row'
  readonly occurrence: number
  readonly written: ColumnRef | Star
}

/** A column of the result that an output name in ORDER BY or GROUP BY stands for. */
export interface BoundOutput {
  readonly kind: 'bound-output'
  readonly name: string
  readonly written: ColumnRef
}

/** `$1`, or after name resolution a function argument or PL/pgSQL variable. */
export interface Parameter {
  readonly kind: 'parameter'
  /** Position from 1 for `$n`, else null. */
  readonly number: number | null
  readonly name: string | null
  /** The reference by name that was resolved to this parameter, else null. */
  readonly written: ColumnRef | null
}

/** A constant. Its type is that of the text; `'…'` is PostgreSQL's `unknown` until it is cast. */
export type Literal =
  | { readonly kind: 'literal'; readonly type: 'null'; readonly value: null }
  | { readonly kind: 'literal'; readonly type: 'boolean'; readonly value: boolean }
  /** Fits `int4`. */
  | { readonly kind: 'literal'; readonly type: 'integer'; readonly value: number }
  /** Digits as written: a number beyond `int4`, with a point or an exponent. */
  | { readonly kind: 'literal'; readonly type: 'numeric'; readonly value: string }
  | { readonly kind: 'literal'; readonly type: 'string'; readonly value: string }
  /** `b` or `x`, then the digits. */
  | { readonly kind: 'literal'; readonly type: 'bits'; readonly value: string }

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
  readonly orderBy: readonly SortKey[]
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

/** A parameterless function of the standard, with its precision where it has one. */
export interface SqlValue {
  readonly kind: 'sql-value'
  readonly name: SqlValueName
  readonly precision: number | null
}

export type SqlValueName =
  | 'current_catalog'
  | 'current_date'
  | 'current_role'
  | 'current_schema'
  | 'current_time'
  | 'current_timestamp'
  | 'current_user'
  | 'localtime'
  | 'localtimestamp'
  | 'session_user'
  | 'user'

/** `(SELECT …)` as a value, `EXISTS (SELECT …)` or `ARRAY(SELECT …)`. */
export interface Subquery {
  readonly kind: 'subquery'
  readonly form: 'scalar' | 'exists' | 'array'
  readonly select: Select
}

/** `left IN (SELECT …)` or `left operator ANY | ALL (SELECT …)`; `NOT IN` is {@link Not} of it. */
export interface SubqueryQuantified {
  readonly kind: 'subquery-quantified'
  readonly quantifier: 'any' | 'all'
  /** Null when written as `IN`, which means `= ANY`. */
  readonly operator: QualifiedName | null
  readonly left: Expr
  readonly select: Select
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

/** Anything that is not modelled. A proof treats it as unknown. */
export interface Opaque {
  readonly kind: 'opaque'
  /** What is not modelled, for people: `a window function`. */
  readonly reason: string
  /** The text as written. */
  readonly text: string
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
