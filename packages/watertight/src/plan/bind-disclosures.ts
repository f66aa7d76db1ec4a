import type { CatalogSnapshot, FunctionInfo } from '../catalog/index.js'
import type { Problem } from '../errors/index.js'
import { formatTableName } from '../model/index.js'
import type { DisclosedTable, Disclosure, TenancyModel } from '../model/index.js'
import type { BoundDisclosure } from './bound-model.js'
import type { RelationIndex } from './relation-index.js'
import { columnOf } from './relation-index.js'

/** Finds the functions that disclose, with the tables and columns that they are declared to reach. */
export function bindDisclosures(
  model: TenancyModel,
  snapshot: CatalogSnapshot,
  index: RelationIndex,
  problems: Problem[],
): readonly BoundDisclosure[] {
  return (model.disclosures?.functions ?? []).flatMap((disclosure) => {
    const path = `disclosures.functions.${formatTableName(disclosure.function)}`
    checkTables(disclosure, path, index, problems)
    const info = findFunction(disclosure, path, snapshot, problems)
    return info ? [{ disclosure, info }] : []
  })
}

function checkTables(
  disclosure: Disclosure,
  path: string,
  index: RelationIndex,
  problems: Problem[],
): void {
  const missing = ({ table, columns }: DisclosedTable, at: string): void => {
    const relation = index.find(table)
    // That the table is there is a matter of its own declaration.
    for (const [position, column] of (relation ? columns : []).entries()) {
      if (relation && columnOf(relation, column)) continue
      const message = `no such column "${column}" in ${formatTableName(table)}`
      problems.push({ path: `${at}.${formatTableName(table)}[${position}]`, message })
    }
  }
  for (const field of ['reads', 'inserts', 'updates'] as const) {
    for (const table of disclosure[field]) missing(table, `${path}.${field}`)
  }
}

function findFunction(
  disclosure: Disclosure,
  path: string,
  snapshot: CatalogSnapshot,
  problems: Problem[],
): FunctionInfo | undefined {
  const { schema, name } = disclosure.function
  const [info, ...overloads] = snapshot.functions.filter(
    (candidate) => candidate.schema === schema && candidate.name === name,
  )
  if (info === undefined || overloads.length > 0) {
    const shown = formatTableName(disclosure.function)
    const message =
      info === undefined ? `no such function ${shown}` : `${shown} is the name of several functions`
    problems.push({ path, message })
    return undefined
  }
  const fault = shapeFault(info)
  if (fault !== null) problems.push({ path, message: fault })
  return fault === null ? info : undefined
}

/**
 * Why the function cannot be trusted to do what its body says; null when it can.
 *
 * SECURITY: without `pg_temp` last a caller puts a temporary table or type in the place of what the
 * body names (manual, CREATE FUNCTION, "Writing SECURITY DEFINER Functions Safely").
 */
function shapeFault(info: FunctionInfo): string | null {
  if (info.kind !== 'function') return `is a ${info.kind}; only a function discloses`
  if (info.extension !== null) return `belongs to the extension ${info.extension}`
  if (info.language !== 'sql' && info.language !== 'plpgsql') {
    return `is written in ${info.language}; only SQL and PL/pgSQL can be checked`
  }
  if (!info.securityDefiner) return 'is not SECURITY DEFINER, so it reads what its caller may'
  const path = info.settings['search_path'] ?? ''
  if (!/^(?:pg_catalog, )?pg_temp$/.test(path)) {
    return 'does not pin its names: add SET search_path = pg_catalog, pg_temp'
  }
  return null
}
