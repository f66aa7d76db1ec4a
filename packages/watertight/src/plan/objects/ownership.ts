import type { Relation } from '../../catalog/index.js'
import { ident, qualifiedName, sql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import type { BoundTable } from '../bound-model.js'
import { displayName, kernelOwner, roleStepId, runtimeRoles } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'
import { asRole, grantStatements, privilegesOf, revokeStatements } from './privileges.js'

/** The id of the step that gives a table another owner; changes of its grants come after. */
export function ownerStepId(relation: Pick<Relation, 'schema' | 'name'>): string {
  return `owner:${displayName(relation)}`
}

/** The role that owns the table when the plan has been applied. */
export function futureOwner(planning: Planning, { relation }: BoundTable): string {
  const moves = runtimeRoles(planning.model).includes(relation.owner)
  return moves ? kernelOwner(planning) : relation.owner
}

/** A declared table that a runtime role owns moves to the owner role: an owner can undo every policy. */
export function planOwnership(planning: Planning): readonly Step[] {
  const owner = kernelOwner(planning)
  const { currentUser } = planning.snapshot.server
  return planning.tables
    .filter((table) => futureOwner(planning, table) !== table.relation.owner)
    .map(({ relation }) => {
      const name = qualifiedName(relation.schema, relation.name)
      const object = displayName(relation)
      return makeStep({
        id: ownerStepId(relation),
        object,
        summary: `move ${object} from ${relation.owner} to ${owner}`,
        up: [sql`alter table ${name} owner to ${ident(owner)}`],
        down: [
          sql`alter table ${name} owner to ${ident(relation.owner)}`,
          ...separate(relation, owner),
        ],
        requires: [
          roleStepId(owner),
          `membership:${owner}:${currentUser}`,
          `grant:schema:${relation.schema}:${owner}`,
        ],
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

/**
 * Grants to and by the new owner become its own rights when it gets the table; afterwards they have
 * to be made again.
 */
function separate(relation: Relation, newOwner: string): readonly Sql[] {
  const merged = privilegesOf(relation, relation.owner).filter(
    ({ role, isPublic, grantor }) => (role === newOwner && !isPublic) || grantor === newOwner,
  )
  const own = merged.filter(({ grantor }) => grantor !== newOwner)
  const passedOn = merged.filter(({ grantor }) => grantor === newOwner)
  return [
    ...revokeStatements(relation, passedOn),
    ...own.flatMap((privilege) => {
      const statements = grantStatements(relation, [privilege])
      if (privilege.grantor === relation.owner) return statements
      return statements.map((text) => asRole(privilege.grantor, text))
    }),
    ...passedOn.flatMap((privilege) =>
      grantStatements(relation, [privilege]).map((text) => asRole(newOwner, text)),
    ),
  ]
}
