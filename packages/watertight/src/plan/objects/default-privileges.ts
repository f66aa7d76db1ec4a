import { ident, sql, trustedSql } from '../../sql/index.js'
import { runtimeRoles } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'

/** Default privileges that would hand tables of the future to a runtime role or to everyone. */
export function planDefaultPrivileges({ model, snapshot }: Planning): readonly Step[] {
  const runtime = new Set(runtimeRoles(model))
  return snapshot.defaultPrivileges.flatMap(({ role, schema, objectType, acl }) => {
    if (objectType !== 'table' || (schema !== null && !model.schemas.includes(schema))) return []
    return acl
      .filter(({ grantee, isPublic }) => isPublic || runtime.has(grantee))
      .map(({ grantee, isPublic, privilege, grantable }) => {
        const where = schema === null ? sql`` : sql` in schema ${ident(schema)}`
        const scope = sql`alter default privileges for role ${ident(role)}${where}`
        const to = isPublic ? sql`public` : ident(grantee)
        const what = trustedSql(privilege.toLowerCase())
        const option = grantable ? sql` with grant option` : sql``
        return makeStep({
          id: `default-privilege:${role}:${schema ?? '*'}:${grantee}:${privilege}`,
          object: schema ?? 'every schema',
          summary: `stop granting ${privilege} on future tables of ${role} to ${grantee}`,
          up: [sql`${scope} revoke ${what} on tables from ${to}`],
          down: [sql`${scope} grant ${what} on tables to ${to}${option}`],
          hazards: [
            {
              kind: 'NARROWS_ACCESS',
              object: grantee,
              detail: `tables that ${role} creates later are not granted automatically`,
            },
          ],
          downHazards: [
            {
              kind: 'WIDENS_ACCESS',
              object: grantee,
              detail: `tables that ${role} creates later are granted before they are protected`,
            },
          ],
        })
      })
  })
}
