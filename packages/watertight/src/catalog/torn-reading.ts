import { WatertightError } from '../errors/index.js'
import type { RawRelations } from './assemble-relations.js'

/** How often a reading is tried while other sessions change the schema. */
const attempts = 8

/**
 * Repeats a reading that concurrent DDL tore. Rows come from one snapshot, but `pg_get_viewdef()`
 * and its like look at the present (manual, System Catalog Information Functions): for an object dropped meanwhile they
 * fail with an internal error or return null.
 *
 * @throws STATEMENT_FAILED when the schema never rests.
 */
export async function untilUntorn<Raw extends RawRelations>(
  read: () => Promise<Raw>,
): Promise<Raw> {
  let cause: unknown
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    try {
      const raw = await read()
      if (!lacksDefinition(raw)) return raw
    } catch (error) {
      if (!isInternalError(error)) throw error
      cause = error
    }
  }
  throw new WatertightError(
    'STATEMENT_FAILED',
    `the schema changed under each of ${attempts} attempts to read it`,
    { hint: 'Try again when no migration is running.', cause },
  )
}

function isInternalError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'XX000'
}

function lacksDefinition(raw: RawRelations): boolean {
  const defined: readonly (readonly [unknown, readonly { readonly definition: unknown }[]])[] = [
    ...raw.constraints,
    ...raw.indexes,
    ...raw.triggers,
    ...raw.rules,
  ]
  return (
    defined.some(([, items]) => items.some(({ definition }) => definition === null)) ||
    raw.relations.some(({ kind, definition }) => kind.endsWith('view') && definition === null)
  )
}
