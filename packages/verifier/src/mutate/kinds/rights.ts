import type { Relation } from 'watertight/catalog'
import { ident, joinSql, literal, qualifiedName, sql, trustedSql } from 'watertight/sql'
import { objectName } from '../../graph/object-name.js'
import type { MutantDraft, MutationSubject } from '../mutant.js'

/** Grants, attributes of roles, and views that show what their owner sees. */
export function rightMutants(subject: MutationSubject): readonly MutantDraft[] {
  return [...grantMutants(subject), ...viewMutants(subject), ...roleMutants(subject)]
}

const writes = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const

function grantMutants({ tables, roles, access }: MutationSubject): readonly MutantDraft[] {
  return tables.flatMap(({ relation, name }) =>
    roles.flatMap((role) => {
      const has = (privilege: string): boolean => access.can(role, privilege, relation)
      if (!writes.some(has)) return []
      const table = qualifiedName(relation.schema, relation.name)
      const lacks = (privilege: string): ReturnType<typeof sql> =>
        sql`not has_table_privilege(${literal(role)}, ${literal(table.text)}, ${literal(privilege)})`
      const missing = writes.filter((privilege) => !has(privilege))
      const found: MutantDraft[] = []
      if (!has('TRUNCATE')) {
        found.push({
          kind: 'grant-truncate',
          object: name,
          detail: role,
          description: `${role} may TRUNCATE`,
          up: [sql`grant truncate on ${table} to ${ident(role)}`],
          guard: sql`select ${lacks('TRUNCATE')}`,
        })
      }
      if (missing.length > 0) {
        found.push({
          kind: 'grant-widened',
          object: name,
          detail: role,
          description: `${role} may ${missing.join(', ')}`,
          up: [
            sql`grant ${trustedSql(missing.join(', ').toLowerCase())} on ${table} to ${ident(role)}`,
          ],
          guard: sql`select ${joinSql(missing.map(lacks), ' and ')}`,
        })
      }
      return found
    }),
  )
}

function viewMutants({ catalog }: MutationSubject): readonly MutantDraft[] {
  return catalog.relations.filter(isInvoker).map((view) => {
    const name = qualifiedName(view.schema, view.name)
    return {
      kind: 'view-owner-rights',
      object: objectName(view),
      description: 'the view reads with the rights of its owner',
      up: [sql`alter view ${name} set (security_invoker = false)`],
      guard: sql`select coalesce((select bool_or(option ilike 'security_invoker=true' or option ilike 'security_invoker=on' or option ilike 'security_invoker=1') from pg_catalog.pg_class, unnest(reloptions) option where oid = ${literal(name.text)}::regclass), false)`,
    }
  })
}

function isInvoker({ kind, options }: Relation): boolean {
  return kind === 'view' && /^(true|on|1|yes)$/i.test(options['security_invoker'] ?? '')
}

function roleMutants({ roles, catalog }: MutationSubject): readonly MutantDraft[] {
  return roles
    .filter((name) => catalog.roles.some((role) => role.name === name && !role.bypassRls))
    .map((role) => ({
      kind: 'role-bypass-rls',
      object: role,
      description: `${role} has BYPASSRLS`,
      up: [sql`alter role ${ident(role)} bypassrls`],
      down: [sql`alter role ${ident(role)} nobypassrls`],
      guard: sql`select not rolbypassrls from pg_catalog.pg_roles where rolname = ${literal(role)}`,
    }))
}
