import type { ScopeClass } from 'watertight/model'
import { platformTenancy } from '../tenancy.js'

/** A table of the model, as the picker of the page has it. */
export interface ExplainedTable {
  readonly schema: string
  readonly table: string
  readonly scope: ScopeClass
  readonly appendOnly: boolean
}

/** Every declared table, by its full name. The prefix of the roles is no part of it. */
export const explainedTables: ReadonlyMap<string, ExplainedTable> = new Map(
  platformTenancy('platform').tables.flatMap(({ table: { schema, name }, scope, appendOnly }) =>
    scope === null ? [] : [[`${schema}.${name}`, { schema, table: name, scope, appendOnly }]],
  ),
)
