import type { Relation } from '../../catalog/index.js'
import { ident, qualifiedName, sql, trustedSql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import { kernelSchema } from '../kernel/function-shape.js'
import { defaultGrantees } from '../default-grantees.js'
import { kernelOwner, roleStepId } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'

/** The id of the step that creates the kernel schema; everything inside requires it. */
export const kernelSchemaStepId: string = `schema:${kernelSchema}`

interface KernelTable {
  readonly name: string
  readonly columns: Sql
  readonly comment: Sql
  readonly loses: string
}

const signingKeys: KernelTable = {
  name: 'signing_keys',
  columns: sql`
  kid text primary key,
  inner_key bytea not null check (length(inner_key) = 64),
  outer_key bytea not null check (length(outer_key) = 64),
  created_at timestamptz not null default now(),
  not_after timestamptz
`,
  comment: sql`'watertight: HMAC pads of the keys that sign tenant contexts; no runtime role may read them'`,
  loses: 'every signing key is deleted; contexts signed with them stop working',
}

const appliedPlans: KernelTable = {
  name: 'applied_plans',
  columns: sql`
  id bigint generated always as identity primary key,
  applied_at timestamptz not null default now(),
  applied_by text not null default session_user,
  from_hash text not null,
  to_hash text not null,
  plan jsonb not null
`,
  comment: sql`'watertight: plans that were applied to this database, for status and rollback'`,
  loses: 'the history of applied plans is deleted',
}

/** Schema `watertight` with its tables, owned by the owner role and usable by runtime roles only. */
export function planKernelSchema(planning: Planning): readonly Step[] {
  const { model, snapshot } = planning
  const owner = kernelOwner(planning)
  const steps: Step[] = []
  const exists = snapshot.schemas.some(({ name }) => name === kernelSchema)
  const schema = ident(kernelSchema)

  if (!exists) {
    steps.push(
      makeStep({
        id: kernelSchemaStepId,
        object: kernelSchema,
        summary: `create schema ${kernelSchema}`,
        up: [
          sql`create schema ${schema} authorization ${ident(owner)}`,
          sql`revoke all on schema ${schema} from ${defaultGrantees(planning, 'schema', null, owner)}`,
        ],
        down: [sql`drop schema ${schema}`],
        requires: [roleStepId(owner), `membership:${owner}:${snapshot.server.currentUser}`],
      }),
    )
  }
  const tables = model.context.kind === 'signed' ? [signingKeys, appliedPlans] : [appliedPlans]
  for (const table of tables) {
    const found = snapshot.relations.find(
      (relation) => relation.schema === kernelSchema && relation.name === table.name,
    )
    steps.push(...(found ? closeTable(found, owner) : [createTable(planning, table)]))
  }
  return steps
}

function createTable(planning: Planning, table: KernelTable): Step {
  const name = qualifiedName(kernelSchema, table.name)
  const object = `${kernelSchema}.${table.name}`
  return makeStep({
    id: `table:${object}`,
    object,
    summary: `create table ${object}`,
    up: [
      sql`create table ${name} (${table.columns})`,
      sql`revoke all on ${name} from ${defaultGrantees(planning, 'table', kernelSchema)}`,
      sql`alter table ${name} owner to ${ident(kernelOwner(planning))}`,
      sql`comment on table ${name} is ${table.comment}`,
    ],
    down: [sql`drop table ${name}`],
    requires: [kernelSchemaStepId],
    downHazards: [{ kind: 'DELETES_DATA', object, detail: table.loses }],
  })
}

/** Nobody but the owner may read what the kernel keeps. */
function closeTable(table: Relation, owner: string): readonly Step[] {
  const acl = [...table.acl, ...table.columns.flatMap((column) => column.acl)]
  const excess = acl.filter(({ grantee }) => grantee !== table.owner)
  const name = qualifiedName(kernelSchema, table.name)
  const object = `${kernelSchema}.${table.name}`
  const steps = [...new Set(excess.map(({ grantee }) => grantee))].map((grantee) => {
    const items = excess.filter((item) => item.grantee === grantee)
    const role = items.some(({ isPublic }) => isPublic) ? sql`public` : ident(grantee)
    const privileges = trustedSql([...new Set(items.map(({ privilege }) => privilege))].join(', '))
    return makeStep({
      id: `revoke:${object}:${grantee}`,
      object,
      summary: `revoke every privilege on ${object} from ${grantee}`,
      up: [sql`revoke all on ${name} from ${role}`],
      down: [sql`grant ${privileges} on ${name} to ${role}`],
      hazards: [{ kind: 'NARROWS_ACCESS', object, detail: `${grantee} can no longer read it` }],
      downHazards: [{ kind: 'GRANTS_BYPASS', object, detail: `${grantee} can read it again` }],
    })
  })
  if (table.owner === owner) return steps
  const move = makeStep({
    id: `owner:${object}`,
    object,
    summary: `move ${object} from ${table.owner} to ${owner}`,
    up: [sql`alter table ${name} owner to ${ident(owner)}`],
    down: [sql`alter table ${name} owner to ${ident(table.owner)}`],
    requires: [roleStepId(owner)],
  })
  return [move, ...steps]
}
