import type { Column, Relation } from '../../catalog/index.js'
import {
  derivedName,
  emptySql,
  ident,
  joinSql,
  literal,
  qualifiedName,
  sql,
  trustedSql,
} from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import type { BoundTable } from '../bound-model.js'
import { defaultGrantees } from '../default-grantees.js'
import { displayName, roleStepId } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { normaliseExpression } from '../predicates.js'
import { makeStep } from '../step.js'
import { rowSecurityStepId } from './row-security.js'

/** A view that shows one audience its part of a table. */
interface Projection {
  readonly table: Relation
  readonly view: string
  readonly role: string
  readonly columns: readonly Column[]
  readonly redacted: ReadonlySet<string>
  readonly comment: string
}

/**
 * Redacted views for auditors and public projections. Both run with the rights of the reader
 * (`security_invoker`), who can read just the columns that are shown: the view is a convenience,
 * never the guard.
 */
export function planProjectionViews(planning: Planning): readonly Step[] {
  const existing = new Map(
    planning.snapshot.relations.map((relation) => [displayName(relation), relation]),
  )
  const wanted = planning.tables.flatMap((table) => projections(planning, table))
  const names = new Set(wanted.map(viewName))
  const surplus = planning.snapshot.relations.filter(
    (relation) => isOurs(relation) && !names.has(displayName(relation)),
  )
  return [
    ...wanted.flatMap((projection) =>
      settle(planning, projection, existing.get(viewName(projection))),
    ),
    ...surplus.map(dropView),
  ]
}

function viewName({ table, view }: Projection): string {
  return displayName({ schema: table.schema, name: view })
}

/** The comment tells watertight's views from a user's of the same name. */
function isOurs({ kind, comment }: Relation): boolean {
  return kind === 'view' && comment?.startsWith('watertight: ') === true
}

function dropView(view: Relation): Step {
  const name = qualifiedName(view.schema, view.name)
  const object = displayName(view)
  return makeStep({
    id: `view:${object}`,
    object,
    summary: `drop view ${object}`,
    up: [sql`drop view ${name}`],
    down: recreate(view),
    hazards: [{ kind: 'NARROWS_ACCESS', object, detail: 'the view is gone; what reads it fails' }],
  })
}

function projections({ model }: Planning, table: BoundTable): readonly Projection[] {
  if (table.isPartition) return []
  const { relation } = table
  const found: Projection[] = []
  const { auditor, public: anyone } = model.roles
  const redact = table.auditor?.redact ?? []
  if (auditor !== null && redact.length > 0 && table.tenant) {
    found.push({
      table: relation,
      view: derivedName([relation.name], 'redacted'),
      role: auditor,
      columns: relation.columns,
      redacted: new Set(redact),
      comment: `watertight: ${displayName(relation)} as auditors see it`,
    })
  }
  if (anyone !== null && table.public) {
    const { columns } = table.public
    found.push({
      table: relation,
      view: derivedName([relation.name], 'public'),
      role: anyone,
      columns: relation.columns.filter(({ name }) => columns.includes(name)),
      redacted: new Set(),
      comment: `watertight: the published part of ${displayName(relation)}`,
    })
  }
  return found
}

/** The definition as `pg_get_viewdef` prints it: up to version 15 it qualifies every column. */
function definition({ table, columns, redacted }: Projection, qualifier: Sql = emptySql): Sql {
  // The base type: a NULL of a domain is printed in another way, and a domain may refuse NULL.
  const items = columns.map(({ name, baseType }) =>
    redacted.has(name)
      ? sql`NULL::${trustedSql(baseType)} AS ${ident(name)}`
      : sql`${qualifier}${ident(name)}`,
  )
  return sql`SELECT ${joinSql(items)} FROM ${qualifiedName(table.schema, table.name)}`
}

function settle(
  planning: Planning,
  projection: Projection,
  found: Relation | undefined,
): readonly Step[] {
  const { table, view, role } = projection
  const name = qualifiedName(table.schema, view)
  const object = displayName({ schema: table.schema, name: view })
  const wanted = definition(projection)
  const create = [
    sql`create view ${name} with (security_invoker = true, security_barrier = true) as\n${wanted}`,
    sql`revoke all on ${name} from ${defaultGrantees(planning, 'table', table.schema)}`,
    sql`grant select on ${name} to ${ident(role)}`,
    sql`comment on view ${name} is ${literal(projection.comment)}`,
  ]
  const requires = [roleStepId(role), rowSecurityStepId(table)]
  if (!found) {
    return [
      makeStep({
        id: `view:${object}`,
        object,
        summary: `create view ${object} for ${role}`,
        up: create,
        down: [sql`drop view ${name}`],
        requires,
      }),
    ]
  }
  if (!isOurs(found)) {
    planning.notes.push({
      object,
      message: `is not watertight's, so there is no view of ${displayName(table)} for ${role}; the role can read the columns of the table itself`,
    })
    return []
  }
  if (isSameView(found, projection)) return []
  return [
    makeStep({
      id: `view:${object}`,
      object,
      summary: `recreate view ${object} for ${role}`,
      up: [sql`drop view ${name}`, ...create],
      down: [sql`drop view ${name}`, ...recreate(found)],
      requires,
      hazards: [
        { kind: 'WIDENS_ACCESS', object, detail: 'the view shows other columns than before' },
      ],
    }),
  ]
}

function isSameView(found: Relation, projection: Projection): boolean {
  const actual = normaliseExpression((found.definition ?? '').replace(/;\s*$/, ''))
  const qualifier = sql`${ident(projection.table.name)}.`
  const printed = [definition(projection), definition(projection, qualifier)]
  return (
    found.kind === 'view' &&
    found.options['security_invoker'] === 'true' &&
    found.options['security_barrier'] === 'true' &&
    found.acl.some(
      ({ grantee, privilege }) => grantee === projection.role && privilege === 'SELECT',
    ) &&
    printed.some(({ text }) => normaliseExpression(text) === actual)
  )
}

/** Statements that bring an existing view back as it was. */
function recreate(found: Relation): readonly Sql[] {
  const name = qualifiedName(found.schema, found.name)
  const options = Object.entries(found.options).map(
    ([option, value]) => sql`${ident(option)} = ${literal(value)}`,
  )
  const withOptions = options.length > 0 ? sql` with (${joinSql(options)})` : sql``
  const grants = found.acl
    .filter(({ grantee }) => grantee !== found.owner)
    .map(({ grantee, isPublic, privilege }) => {
      const to = isPublic ? sql`public` : ident(grantee)
      return sql`grant ${trustedSql(privilege.toLowerCase())} on ${name} to ${to}`
    })
  const comment =
    found.comment === null ? [] : [sql`comment on view ${name} is ${literal(found.comment)}`]
  return [
    sql`create view ${name}${withOptions} as\n${trustedSql((found.definition ?? '').replace(/;\s*$/, ''))}`,
    sql`alter view ${name} owner to ${ident(found.owner)}`,
    ...grants,
    ...comment,
  ]
}
