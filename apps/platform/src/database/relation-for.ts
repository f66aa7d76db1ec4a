import type { ContextMode } from 'watertight/runtime'
import { derivedName, qualifiedName } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { platformTenancy } from '../tenancy.js'

/** A table of the platform with its schema: `sec.evidence`. */
export type TableReference = `${string}.${string}`

/** Tables that auditors read through a view, since they hold columns that auditors may not read. */
const redacted: ReadonlySet<string> = new Set(
  // Names of views do not depend on the names of roles.
  platformTenancy('any')
    .tables.filter(({ auditor }) => auditor !== null && auditor.redact.length > 0)
    .map(({ table }) => `${table.schema}.${table.name}`),
)

/**
 * The relation through which a mode reads a table: an auditor gets the view in which redacted
 * columns are NULL, everyone else the table.
 *
 * The view is a convenience: naming the table itself as an auditor is refused by its column grants.
 *
 * @example
 * ```ts
 * sql`select id, title, excerpt from ${relationFor(context.mode, 'sec.evidence')}`
 * // auditor: select id, title, excerpt from sec.evidence_redacted
 * ```
 */
export function relationFor(mode: ContextMode, table: TableReference): Sql {
  const [schema = '', name = ''] = table.split('.')
  const isView = mode === 'auditor' && redacted.has(table)
  return qualifiedName(schema, isView ? derivedName([name], 'redacted') : name)
}
