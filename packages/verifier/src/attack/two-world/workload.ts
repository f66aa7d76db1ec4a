import type { LintInput } from '../../lint/rule.js'
import type { PreparedWorlds } from './prepare-worlds.js'
import { callsOf, keyReadsOf, readsOf } from './read-statements.js'
import { collisionsOf, numbersOf, writesOf } from './write-statements.js'
import type { WorldStatement } from './world-statement.js'

/**
 * Statements that a tenant may send: reads of every shape, counts, aggregates, writes, upserts, keys of
 * rows that only one world has, numbers of sequences. Left out on purpose: EXPLAIN, statistics and
 * timing, which depend on other tenants by design (docs/side-channels.md).
 */
export function workloadFor(
  input: LintInput,
  role: string,
  { tables }: PreparedWorlds,
): readonly WorldStatement[] {
  const byName = new Map(tables.map((table) => [table.target.table.name, table]))
  const schemas = new Set(input.model.schemas)
  return [
    ...input.catalog.relations
      .filter(({ schema }) => schemas.has(schema))
      .flatMap((relation) => readsOf(input, role, relation)),
    ...tables.flatMap((table) => keyReadsOf(input, role, table)),
    ...callsOf(input, role),
    ...tables.flatMap((table) => writesOf(input, role, table)),
    ...tables.flatMap((table) => collisionsOf(input, role, table, byName)),
    ...numbersOf(input, role, tables),
  ]
}
