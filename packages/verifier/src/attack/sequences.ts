import type { Queryable } from 'watertight/sql'
import { objectName } from '../graph/object-name.js'
import type { LintInput } from '../lint/rule.js'

/** Sequence name to its last value, as text. */
export type SequenceValues = ReadonlyMap<string, string | null>

/** Where the sequences of the checked schemas stand. */
export async function readSequences(db: Queryable, input: LintInput): Promise<SequenceValues> {
  const result = await db.query<{ schema: string; name: string; value: string | null }>(
    `select schemaname as schema, sequencename as name, last_value::text as value
     from pg_catalog.pg_sequences where schemaname = any($1)`,
    [[...input.model.schemas]],
  )
  return new Map(result.rows.map((row) => [objectName(row), row.value]))
}

/** Sequences that stand elsewhere than before. A rollback does not turn a sequence back. */
export function movedSequences(before: SequenceValues, after: SequenceValues): readonly string[] {
  return [...after].filter(([name, value]) => before.get(name) !== value).map(([name]) => name)
}
