import { ident, qualifiedName, sql } from '../../sql/index.js'
import { displayName, kernelOwner, roleStepId, runtimeRoles } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'

/** A declared table that a runtime role owns moves to the owner role: an owner can undo every policy. */
export function planOwnership(planning: Planning): readonly Step[] {
  const runtime = new Set(runtimeRoles(planning.model))
  const owner = kernelOwner(planning)
  return planning.tables
    .filter(({ relation }) => runtime.has(relation.owner))
    .map(({ relation }) => {
      const name = qualifiedName(relation.schema, relation.name)
      const object = displayName(relation)
      return makeStep({
        id: `owner:${object}`,
        object,
        summary: `move ${object} from ${relation.owner} to ${owner}`,
        up: [sql`alter table ${name} owner to ${ident(owner)}`],
        down: [sql`alter table ${name} owner to ${ident(relation.owner)}`],
        requires: [roleStepId(owner), `grant:schema:${relation.schema}:${owner}`],
        hazards: [
          {
            kind: 'NARROWS_ACCESS',
            object,
            detail: `${relation.owner} can no longer alter the table or switch its policies off`,
          },
        ],
        downHazards: [
          { kind: 'GRANTS_BYPASS', object, detail: `${relation.owner} owns the table again` },
        ],
      })
    })
}
