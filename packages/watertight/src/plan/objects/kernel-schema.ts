import { ident, qualifiedName, sql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import { kernelSchema } from '../kernel/function-shape.js'
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
        summary: `create schema ${kernelSchema}`,
        up: [sql`create schema ${schema} authorization ${ident(owner)}`],
        down: [sql`drop schema ${schema}`],
        requires: [roleStepId(owner), `membership:${owner}:${snapshot.server.currentUser}`],
      }),
    )
  }
  const tables = model.context.kind === 'signed' ? [signingKeys, appliedPlans] : [appliedPlans]
  for (const table of tables) {
    const isThere = snapshot.relations.some(
      (relation) => relation.schema === kernelSchema && relation.name === table.name,
    )
    if (!isThere) steps.push(createTable(table, owner))
  }
  return steps
}

function createTable(table: KernelTable, owner: string): Step {
  const name = qualifiedName(kernelSchema, table.name)
  const object = `${kernelSchema}.${table.name}`
  return makeStep({
    id: `table:${object}`,
    summary: `create table ${object}`,
    up: [
      sql`create table ${name} (${table.columns})`,
      sql`alter table ${name} owner to ${ident(owner)}`,
      sql`revoke all on ${name} from public`,
      sql`comment on table ${name} is ${table.comment}`,
    ],
    down: [sql`drop table ${name}`],
    requires: [kernelSchemaStepId],
    downHazards: [{ kind: 'DELETES_DATA', object, detail: table.loses }],
  })
}
