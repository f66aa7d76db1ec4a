import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { ident, joinSql, qualifiedName, sql } from 'watertight/sql'
import type { Queryable, Sql } from 'watertight/sql'
import { gatherEvidence } from '../inference/inference.js'

/**
 * Makes a role of the application in a local copy of scripts that have policies and no role whom
 * these bind: who logs in was made elsewhere, with the server. It may use the four commands on every
 * table and view, so that the policies alone decide.
 *
 * @returns whether it was made.
 */
export async function addStandInRole(
  db: Queryable,
  catalog: CatalogSnapshot,
  name: string,
): Promise<boolean> {
  const { tables } = gatherEvidence(catalog)
  const schemas = new Set(tables.map(({ schema }) => schema))
  const views = catalog.relations.filter(
    ({ kind, schema }) => kind.endsWith('view') && schemas.has(schema),
  )
  const used = [...tables, ...views]
  if (catalog.roles.some((role) => role.name === name)) return false
  if (!tables.some(({ policies }) => policies.length > 0)) return false
  if (used.some((relation) => isHeld(relation, catalog))) return false
  for (const { text } of statements(name, [...schemas], used)) await db.query(text)
  return true
}

function statements(
  name: string,
  schemas: readonly string[],
  used: readonly Relation[],
): readonly Sql[] {
  const role = ident(name)
  const within = joinSql(schemas.map((schema) => ident(schema)))
  const relations = joinSql(used.map((relation) => qualifiedName(relation.schema, relation.name)))
  return [
    sql`create role ${role} nologin`,
    sql`grant usage on schema ${within} to ${role}`,
    sql`grant select, insert, update, delete on ${relations} to ${role}`,
    sql`grant usage on all sequences in schema ${within} to ${role}`,
  ]
}

/** Somebody whom policies bind (an owner, where FORCE is set) has the relation or may use it. */
function isHeld({ owner, acl, columns }: Relation, { roles }: CatalogSnapshot): boolean {
  const bound = new Set(
    roles.filter((role) => !role.superuser && !role.bypassRls).map((role) => role.name),
  )
  const items = [...acl, ...columns.flatMap((column) => column.acl)]
  return bound.has(owner) || items.some((item) => item.isPublic || bound.has(item.grantee))
}
