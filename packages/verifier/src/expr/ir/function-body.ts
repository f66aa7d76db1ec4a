import type { Expr, Opaque } from './expr.js'
import type { TypeName } from './names.js'
import type { Select } from './select.js'

/** A statement of a SQL-language body. The last one yields the result. */
export type SqlStatement =
  | { readonly kind: 'query'; readonly select: Select }
  /** `RETURN expression` of a body in the standard's form. */
  | { readonly kind: 'return'; readonly value: Expr }
  | Opaque

export interface SqlBody {
  readonly kind: 'sql-body'
  readonly statements: readonly SqlStatement[]
  /** Names of the arguments by position; null for one without a name. */
  readonly argNames: readonly (string | null)[]
  /** The result type as the caller gave it. */
  readonly returns: string
}

/** A declared variable. Assigning to it casts to its type. */
export interface PlpgsqlVariable {
  readonly name: string
  /** Null when it is a record, `%TYPE` or `%ROWTYPE`. */
  readonly type: TypeName | null
  /** The type as written. */
  readonly typeText: string
  readonly initial: Expr | null
  readonly constant: boolean
  readonly notNull: boolean
}

export interface PlpgsqlBranch {
  readonly condition: Expr
  readonly body: readonly PlpgsqlStatement[]
}

export type PlpgsqlStatement =
  | { readonly kind: 'assign'; readonly variable: string; readonly value: Expr }
  /** `value` is null for a bare RETURN. */
  | { readonly kind: 'return'; readonly value: Expr | null }
  /** Adds rows to the result and goes on. */
  | { readonly kind: 'return-query'; readonly select: Select }
  | {
      readonly kind: 'if'
      readonly branches: readonly PlpgsqlBranch[]
      readonly otherwise: readonly PlpgsqlStatement[]
    }
  /** The statements of `body`, or those of a handler after one of them failed. */
  | {
      readonly kind: 'block'
      readonly body: readonly PlpgsqlStatement[]
      readonly handlers: readonly (readonly PlpgsqlStatement[])[]
    }
  /** No row leaves every target null, several take the first, unless `strict` (then an error). */
  | {
      readonly kind: 'select-into'
      readonly select: Select
      readonly targets: readonly string[]
      /** Whether `targets` is one record or row variable that takes the whole row. */
      readonly record: boolean
      readonly strict: boolean
    }
  /** Runs a query for its effect. */
  | { readonly kind: 'perform'; readonly select: Select }
  /** Ends the function and the statement around it when `level` is `exception`, else nothing. */
  | { readonly kind: 'raise'; readonly level: 'exception' | 'message' }
  | Opaque

/**
 * A PL/pgSQL body. Reaching its end returns the OUT arguments or the rows so far, nothing from a
 * procedure or a function without a result, and is an error in any other function.
 */
export interface PlpgsqlBody {
  readonly kind: 'plpgsql-body'
  /** Names of the input arguments by position; null for one without a name. */
  readonly argNames: readonly (string | null)[]
  /** Names of OUT, INOUT and TABLE arguments, which are variables and make the result. */
  readonly outNames: readonly string[]
  /** Variables that PostgreSQL declares: `found`, and `new`, `old`, `tg_op` … of triggers. */
  readonly implicitNames: readonly string[]
  readonly variables: readonly PlpgsqlVariable[]
  readonly statements: readonly PlpgsqlStatement[]
}
