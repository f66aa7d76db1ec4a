import { ident, joinSql, sql } from '../sql/index.js'
import type { Sql } from '../sql/index.js'
import type { BoundModel } from './bound-model.js'

/**
 * Whom default privileges give something on every object that `maker` (the connected role unless
 * given) makes in `schema`, PUBLIC included: what is meant for nobody else has to be revoked right after it is made.
 */
export function defaultGrantees(
  { snapshot }: BoundModel,
  objectType: 'table' | 'function' | 'schema',
  schema: string | null,
  maker: string = snapshot.server.currentUser,
): Sql {
  const roles = snapshot.defaultPrivileges
    .filter(
      (entry) =>
        entry.role === maker &&
        entry.objectType === objectType &&
        (entry.schema === null || entry.schema === schema),
    )
    .flatMap(({ acl }) => acl.flatMap(({ grantee, isPublic }) => (isPublic ? [] : [grantee])))
    .filter((role) => role !== maker)
  return joinSql([sql`public`, ...[...new Set(roles)].map((role) => ident(role))])
}
