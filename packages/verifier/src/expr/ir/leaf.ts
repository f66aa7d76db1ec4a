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

/** Anything that is not modelled. A proof treats it as unknown. */
export interface Opaque {
  readonly kind: 'opaque'
  /** What is not modelled, for people: `a window function`. */
  readonly reason: string
  /** The text as written. */
  readonly text: string
}
