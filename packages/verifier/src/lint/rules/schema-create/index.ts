import type { SchemaInfo } from 'watertight/catalog'
import { ident, joinSql, sql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import type { CatalogRule, LintInput } from '../../rule.js'
import { listed } from '../../reach.js'

/** What a runtime role makes beside the tables, sessions of others may take for theirs. */
export const schemaCreate: CatalogRule = {
  kind: 'catalog',
  id: 'schema-create',
  title: 'A runtime role may make objects in a schema with tenant tables.',
  check: (input) =>
    input.catalog.schemas.flatMap((schema) => {
      const roles = creators(input, schema)
      const holdsTables = input.tables.tables.some(
        ({ name, relation }) => relation.schema === schema.name && input.tables.isProtected(name),
      )
      if (roles.length === 0 || !holdsTables) return []
      const holders = schema.acl.filter(
        ({ privilege, isPublic, grantee }) =>
          privilege === 'CREATE' && (isPublic || roles.includes(grantee)),
      )
      return [
        makeFinding({
          rule: 'schema-create',
          severity: 'warning',
          object: `schema ${schema.name}`,
          message: `${listed(roles)} may create objects in schema ${schema.name}: a function or operator of its making can stand in for the one that a session of the owner means, and tables of its making have no policies.`,
          evidence: { roles, schema: schema.name },
          ...(!isWhole(input, schema, roles)
            ? { remedy: `Take ${listed(roles)} out of the role that may create there.` }
            : {
                fix: sql`revoke create on schema ${ident(schema.name)} from ${joinSql(holders.map(({ isPublic, grantee }) => (isPublic ? sql`public` : ident(grantee))))};`
                  .text,
              }),
        }),
      ]
    }),
}

/** Owners and superusers are what role-powers speaks of. */
function creators(input: LintInput, schema: SchemaInfo): readonly string[] {
  return input.roles
    .map(({ name }) => name)
    .filter((role) => {
      const { reachable } = input.access.closure(role)
      if (input.access.isSuperuser(role) || reachable.has(schema.owner)) return false
      return schema.acl.some(
        ({ privilege, isPublic, grantee }) =>
          privilege === 'CREATE' && (isPublic || reachable.has(grantee)),
      )
    })
}

/** The roles have it from PUBLIC or by a grant of their own, so that revoking those is enough. */
function isWhole(input: LintInput, schema: SchemaInfo, roles: readonly string[]): boolean {
  return schema.acl.every(
    ({ privilege, isPublic, grantee }) =>
      privilege !== 'CREATE' ||
      isPublic ||
      roles.includes(grantee) ||
      roles.every((role) => !input.access.closure(role).reachable.has(grantee)),
  )
}
