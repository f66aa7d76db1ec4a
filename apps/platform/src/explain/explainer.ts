import { why } from 'watertight/explain'
import type { DenialExplanation } from 'watertight/explain'
import type { TenantContext, TxManager } from 'watertight/runtime'
import type { RowKey } from './row-repository.js'

/** A question about one row. */
export interface ExplainQuestion {
  /** `schema.table` */
  readonly table: string
  readonly key: RowKey
  readonly command: 'SELECT' | 'UPDATE' | 'DELETE'
  /** What the statement reads; every column where nothing is said. */
  readonly columns?: readonly string[] | undefined
  /** Under which the statement would run; null for none. */
  readonly context: TenantContext | null
  /** Whom the answer is for: nothing is told of a row that this context does not see. */
  readonly asker: TenantContext
}

/** Asks the server why a row is or is not visible. */
export type Explainer = (question: ExplainQuestion) => Promise<DenialExplanation>

/** An explainer on the connections of the runtime roles. */
export function openExplainer(tx: TxManager): Explainer {
  return ({ table, key, command, columns, context, asker }) =>
    why(tx, table, key, context, { command, asker, ...(columns !== undefined && { columns }) })
}
