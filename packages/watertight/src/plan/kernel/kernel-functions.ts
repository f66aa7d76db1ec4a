import type { BoundModel } from '../bound-model.js'
import { columnOf, RelationIndex } from '../relation-index.js'
import { pinned } from './function-shape.js'
import type { FunctionShape } from './function-shape.js'
import { keyMemory } from './key-memory.js'
import { plainFunctions } from './plain-functions.js'
import { signedFunctions } from './signed-functions.js'
import { sql } from '../../sql/index.js'

/** Every function of the kernel schema that the model needs. */
export function kernelFunctions(
  bound: Pick<BoundModel, 'model' | 'snapshot'>,
): readonly FunctionShape[] {
  const { model } = bound
  const claims =
    model.context.kind === 'signed'
      ? [...keyMemory, ...signedFunctions(model, grantIdType(bound))]
      : plainFunctions(model, model.context)
  return [...claims, refuseTruncate]
}

function grantIdType({ model, snapshot }: Pick<BoundModel, 'model' | 'snapshot'>): string | null {
  if (!model.accessGrants) return null
  const relation = new RelationIndex(snapshot).find(model.accessGrants.table)
  return (relation && columnOf(relation, model.accessGrants.idColumn)?.type) ?? null
}

/** Trigger function of append-only tables. */
const refuseTruncate: FunctionShape = {
  name: 'refuse_truncate',
  identityArguments: '',
  returns: 'trigger',
  language: 'plpgsql',
  volatility: 'volatile',
  securityDefiner: false,
  parallelSafe: false,
  settings: pinned,
  isInternal: false,
  body: sql`
begin
  raise exception using errcode = '42501',
    message = format('%I.%I is append-only and cannot be truncated', tg_table_schema, tg_table_name);
end
`,
}
